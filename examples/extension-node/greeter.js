#!/usr/bin/env node
// An extension in JavaScript: methods as functions, with calls of the API in between.
//
//	[rpcinterface:greeter]
//	command = node /path/to/greeter.js
//	word = Hello
const waiting = new Map();
let last = 0, word = 'Hello';
const send = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\n');
const daemon = (method, ...params) => new Promise((resolve, reject) => {
  waiting.set(++last, { resolve, reject });
  send({ id: last, method: 'call', params: { method, params } });
});

const methods = {
  greet: (name) => `${word} ${name}`,
  running: async () => (await daemon('supervisor.getAllProcessInfo')).filter((p) => p.statename === 'RUNNING').map((p) => p.name),
  restart: async (name) => { await daemon('supervisor.stopProcess', name); return daemon('supervisor.startProcess', name); },
};
const table = [
  { name: 'greet', help: 'Greet somebody.', params: [{ name: 'name', type: 'string' }], result: 'string', access: 'read' },
  { name: 'running', help: 'List the processes that run.', result: 'array', access: 'read' },
  { name: 'restart', help: 'Stop and start a process.', params: [{ name: 'name', type: 'string' }], result: 'boolean', access: 'operate' },
];

require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const m = JSON.parse(line);
  if (m.method === 'initialize') {
    word = m.params.options.word || word;
    send({ id: m.id, result: { protocol: 1, methods: table } });
  } else if (m.method === 'call') {
    try { send({ id: m.id, result: await methods[m.params.method](...m.params.params) }); }
    catch (e) { send({ id: m.id, error: { code: e.code || 30, message: e.message } }); }
  } else if (waiting.has(m.id)) {
    const { resolve, reject } = waiting.get(m.id);
    waiting.delete(m.id);
    'error' in m ? reject(m.error) : resolve(m.result);
  }
});
