// What the page does beyond what it is without this file: it follows what happens over one stream of events, filters as
// one types, acts without leaving, and lets the times run. Everything it inserts was rendered and escaped by the server.
"use strict";
(() => {
  const $ = (s, e = document) => e.querySelector(s);
  const $$ = (s, e = document) => [...e.querySelectorAll(s)];
  document.documentElement.classList.add("js");

  // A link of ours. Browsers ask for none that has a name and a password in it, as the page's own may.
  function to(path) {
    const u = new URL(path, document.baseURI);
    u.username = u.password = "";
    return u;
  }

  // What was done, in the line below the header.
  let fading;
  function say(text, good) {
    const m = $("#message");
    clearTimeout(fading);
    m.textContent = text;
    m.classList.toggle("bad", !good);
    if (good) fading = setTimeout(() => { m.textContent = ""; }, 20000);
  }
  function link(on, text) {
    const p = $("#link");
    if (p.textContent === text) return;
    p.className = on ? "on" : "off";
    p.textContent = text;
  }

  // Times. The server says how long; from then on it is our clock.
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  function span(s) {
    if (s < 1) return "0.0 s";
    const i = units.findIndex(u => s >= u[1]);
    let text = Math.floor(s / units[i][1]) + " " + units[i][0];
    if (i + 1 < units.length) {
      const rest = Math.floor(s % units[i][1] / units[i + 1][1]);
      if (rest > 0) text += " " + rest + " " + units[i + 1][0];
    }
    return text;
  }
  function run(e) {
    for (const t of $$("time[data-up]", e)) t.began = performance.now() - Number(t.dataset.up);
  }
  run(document);
  setInterval(() => {
    if (document.hidden) return;
    const now = performance.now();
    for (const t of $$("time[data-up]")) {
      const text = span((now - t.began) / 1000);
      if (t.textContent !== text) t.textContent = text;
    }
  }, 1000);

  // Rows.
  function parse(html) {
    const t = document.createElement("template");
    t.innerHTML = html;
    return t.content;
  }
  function replace(was, is) {
    for (const kind of ["one", "whole", "fold"]) {
      const a = $("input." + kind, was), b = $("input." + kind, is);
      if (a && b) b.checked = a.checked;
    }
    const open = $("details[open]", was), next = $("details", is);
    if (open && next) next.open = true;
    const focused = was.contains(document.activeElement) ? document.activeElement : null;
    if (was.dataset.state !== is.dataset.state) is.classList.add("changed");
    run(is);
    was.replaceWith(is);
    if (!focused) return;
    const again = focused.matches("a") ? $("a", is) : focused.matches("input") ? $("input." + focused.className, is) : $$("button", is).find(b => b.value === focused.value) || $("button", is) || $("a", is);
    if (again) again.focus({ preventScroll: true });
  }
  function rows(html) {
    for (const is of [...parse("<table>" + html + "</table>").querySelectorAll("tr[id]")]) {
      const was = document.getElementById(is.id);
      if (was) replace(was, is);
    }
    filter();
  }
  function usage(all) {
    for (const id in all) {
      const r = document.getElementById(id);
      if (!r) continue;
      const [cpu, mem, cpuLine, memLine] = all[id];
      for (const [kind, words, line] of [[".cpu", cpu, cpuLine], [".mem", mem, memLine]]) {
        const box = $(kind, r);
        if (!box) continue;
        if (!box.firstChild) box.append(parse('<svg class="spark" viewBox="0 0 78 16" preserveAspectRatio="none" aria-hidden="true"><path/></svg><span></span>'));
        $("span", box).textContent = words;
        $("path", box).setAttribute("d", line);
      }
    }
  }

  // Filter.
  let state = new URLSearchParams(location.search).get("state") || "";
  const find = $("#find input[type=search]");
  function filter() {
    if (!find) return;
    const q = find.value.trim().toLowerCase();
    for (const body of $$("#board tbody")) {
      let shown = 0;
      const head = $("tr.g", body);
      for (const r of $$("tr.p", body)) {
        r.hidden = !(r.dataset.name.toLowerCase().includes(q) && (state === "" || r.dataset.state === state));
        if (!r.hidden) shown++;
      }
      if (head) head.hidden = shown === 0 && (q !== "" || state !== "");
    }
    for (const c of $$("#summary .chip")) {
      if ((c.className.split(" ")[1] || "") === state) c.setAttribute("aria-current", "true"); else c.removeAttribute("aria-current");
    }
    chosen();
  }
  function remember() {
    const u = new URL(location.href);
    for (const [k, v] of [["q", find.value.trim()], ["state", state]]) if (v) u.searchParams.set(k, v); else u.searchParams.delete(k);
    u.searchParams.delete("message");
    history.replaceState(null, "", u);
  }
  if (find) {
    find.addEventListener("input", () => { filter(); remember(); });
    $("#find").addEventListener("submit", e => e.preventDefault());
    $("#summary").addEventListener("click", e => {
      const c = e.target.closest(".chip");
      if (!c || e.metaKey || e.ctrlKey) return;
      e.preventDefault();
      const word = c.className.split(" ")[1] || "";
      state = word === state ? "" : word;
      filter();
      remember();
    });
  }
  // Keys. The character itself is heard, not its key: by then the box would get it.
  document.addEventListener("keypress", e => {
    const box = $("input[type=search]");
    if (e.key !== "/" || !box || e.target instanceof Element && e.target.closest("input:not([type=checkbox]), select, textarea")) return;
    e.preventDefault();
    box.focus();
    box.select();
  });
  document.addEventListener("keydown", e => {
    if (e.key === "Escape" && e.target.matches("input[type=search]")) { e.target.value = ""; e.target.dispatchEvent(new Event("input")); }
  });

  // Selection and folds. Who selects a group selects what is in it, and sees that.
  function chosen() {
    for (const body of $$("#board tbody")) {
      const whole = $(".whole", body);
      if (!whole) continue;
      for (const b of $$(".one", body)) {
        if (whole.checked) b.checked = true;
        else if (b.disabled) b.checked = false;
        b.disabled = whole.checked;
      }
    }
    const all = $$("#board .one:checked"), away = all.filter(b => b.closest("tr").hidden).length;
    if ($("#chosen")) $("#chosen").textContent = all.length + " selected" + (away ? ", " + away + " of them not shown:" : ":");
  }
  document.addEventListener("change", e => {
    if (e.target.matches(".one, .whole")) chosen();
    if (e.target.matches(".fold")) try { localStorage.setItem("fold:" + e.target.closest("tr").dataset.group, e.target.checked ? "" : "1"); } catch (_) {}
  });
  // All that are shown, or none when they all are selected.
  document.addEventListener("click", e => {
    if (e.target.id !== "every") return;
    const shown = $$("#board .one:not(:disabled)").filter(b => !b.closest("tr").hidden), on = shown.some(b => !b.checked);
    for (const b of shown) b.checked = on;
    chosen();
  });
  function folds() {
    for (const f of $$("#board .fold")) try { if (localStorage.getItem("fold:" + f.closest("tr").dataset.group)) f.checked = false; } catch (_) {}
  }

  // Actions.
  document.addEventListener("submit", async e => {
    const form = e.target;
    if (form.method !== "post") return;
    if (form.id !== "board") return;
    e.preventDefault();
    const b = e.submitter;
    const body = new URLSearchParams(new FormData(form, b));
    say((b.getAttribute("aria-label") || b.textContent.trim()) + " …", true);
    b.setAttribute("aria-disabled", "true");
    try {
      const r = await fetch(to(form.getAttribute("action")), { method: "POST", body, headers: { Accept: "application/json" } });
      if ((r.headers.get("Content-Type") || "").startsWith("application/json")) {
        const a = await r.json();
        say(a.message, a.ok);
      } else {
        const main = new DOMParser().parseFromString(await r.text(), "text/html").querySelector("main");
        say(main ? main.textContent.trim().replace(/\s+/g, " ") : "The answer is " + r.status + ".", false);
      }
    } catch (_) {
      say("The supervisor cannot be reached.", false);
    }
    b.removeAttribute("aria-disabled");
    if (b.name === "action") for (const c of $$("#board .one, #board .whole")) c.checked = false;
    chosen();
  });

  // Logs and events. What is searched for is shown; the rest is there, and hidden.
  const most = 5000;
  const search = $("#look input[type=search]");
  const wanted = () => search ? search.value.trim().toLowerCase() : "";
  const told = l => l.matches(".l") ? l.textContent : $(".type", l).textContent + " " + $(".who", l).textContent;
  function sift(list) {
    const q = wanted();
    for (const l of list) l.hidden = q !== "" && !told(l).toLowerCase().includes(q);
  }
  function count() {
    for (const pane of $$(".pane")) {
      const all = $$(".l", pane);
      if (all.length > 0) $(".note", pane).textContent = wanted() === "" ? "" : all.filter(l => !l.hidden).length + " of the last " + all.length + " lines";
    }
  }
  if (search) {
    search.addEventListener("input", () => { sift($$(".log .l, #news tr")); count(); });
    // The server has left events out, so it is asked again.
    if ($("#news") && search.value !== "") search.addEventListener("change", () => search.form.submit());
    else search.form.addEventListener("submit", e => e.preventDefault());
    for (const n of $$("#look select")) n.addEventListener("change", () => n.form.submit());
  }
  function lines(box, html, goesOn) {
    const end = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
    const fresh = html.split("\n").map((text, i) => {
      if (i === 0 && goesOn && box.lastElementChild) {
        box.lastElementChild.append(parse(text));
        return box.lastElementChild;
      }
      const l = document.createElement("div");
      l.className = "l";
      l.append(parse(text));
      box.append(l);
      return l;
    });
    sift(fresh);
    while (box.childElementCount > most) box.firstElementChild.remove();
    if (wanted() !== "") count();
    if (end) box.scrollTop = box.scrollHeight;
  }
  function news(html) {
    const list = $("#news"), fresh = [...parse("<table>" + html + "</table>").querySelectorAll("tr")];
    if (!list) return;
    sift(fresh);
    list.prepend(...fresh);
    while (list.childElementCount > 1000) list.lastElementChild.remove();
  }
  for (const box of $$(".log")) box.scrollTop = box.scrollHeight;

  // Who reads does not want it to move: what comes meanwhile is kept, and of much the newest.
  const pause = $("#pause"), held = [];
  let lost = 0;
  const paused = () => pause !== null && pause.getAttribute("aria-pressed") === "true";
  function arrived(key, html, goesOn) {
    const box = $('[data-log="' + key + '"]');
    if (!box) return;
    if (!paused()) { lines(box, html, goesOn); return; }
    held.push([box, html, goesOn]);
    if (held.length > 2000) lost += held.shift()[1].split("\n").length;
    pause.textContent = "Go on (" + (lost + held.reduce((n, h) => n + h[1].split("\n").length, 0)) + " new)";
  }
  if (pause) pause.addEventListener("click", () => {
    const on = !paused();
    pause.setAttribute("aria-pressed", on);
    pause.textContent = on ? "Go on" : "Pause";
    if (on) return;
    if (lost > 0) lines(held[0][0], '<i class="gap">' + lost + " lines left out</i>", false);
    lost = 0;
    for (const h of held.splice(0)) lines(...h);
  });

  // The stream.
  let stream, at = "";
  function begin() {
    const board = $("[data-live]");
    if (!board || stream || document.hidden || !window.EventSource) return;
    const u = to(board.dataset.live);
    if (at && u.searchParams.has("at")) u.searchParams.set("at", at);
    stream = new EventSource(u);
    const on = (name, f) => stream.addEventListener(name, e => { if (e.lastEventId) at = e.lastEventId; f(e); });
    stream.onopen = () => link(true, "live");
    stream.onerror = () => {
      link(false, "connection lost, trying again");
      if (stream && stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(begin, 3000); }
    };
    on("rows", e => rows(e.data));
    on("summary", e => { $("#summary").innerHTML = e.data; filter(); });
    on("usage", e => usage(JSON.parse(e.data)));
    on("layout", again);
    on("news", e => news(e.data));
    for (const key of ["out", "err", "main"]) {
      on(key, e => arrived(key, e.data, false));
      on(key + "+", e => arrived(key, e.data, true));
    }
  }
  function end() { if (stream) { stream.close(); stream = null; } }
  // There are other rows: the list is asked for again.
  async function again() {
    end();
    try {
      const r = await fetch(to(location.href), { headers: { Accept: "text/html" } });
      const doc = new DOMParser().parseFromString(await r.text(), "text/html");
      const is = doc.querySelector("#board"), was = $("#board");
      if (!is) throw new Error();
      const picked = new Set($$("input:checked[name=processname]").map(c => c.value));
      was.replaceWith(is);
      for (const c of $$("#board input[name=processname]")) c.checked = picked.has(c.value);
      const sum = doc.querySelector("#summary");
      if (sum && $("#summary")) $("#summary").innerHTML = sum.innerHTML;
      run(is);
      folds();
      filter();
      at = "";
    } catch (_) {
      link(false, "connection lost, trying again");
      setTimeout(again, 3000);
      return;
    }
    begin();
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { begin(); return; }
    end();
    link(true, "paused while out of sight");
  });
  addEventListener("pagehide", end);
  addEventListener("pageshow", begin);

  folds();
  filter();
  begin();
})();
