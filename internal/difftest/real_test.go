package difftest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// visit asks nginx for a page n times at once and returns the different answers with status 200, and how many had
// another.
func visit(d *difftest.Daemon, n int) (pages map[string]bool, failed int) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("unix", filepath.Join(d.Dir, "web"))
		},
	}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all sync.WaitGroup
	pages = map[string]bool{}
	for range n {
		all.Go(func() {
			body := ""
			answer, err := client.Get("http://nginx/page")
			if err == nil {
				text, _ := io.ReadAll(answer.Body)
				answer.Body.Close()
				body = string(text)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil || answer.StatusCode != 200 {
				failed++
				return
			}
			pages[body] = true
		})
	}
	all.Wait()
	return pages, failed
}

// holds: PROC-049 PROC-050 PROC-051
func TestNginxServesFromAFastCGIPool(t *testing.T) {
	t.Parallel()
	nginx := "/usr/sbin/nginx"
	if _, err := exec.LookPath(nginx); err != nil {
		t.Skip("nginx is not installed:", err)
	}
	exe := filepath.Join(t.TempDir(), "fastcgi")
	if out, err := exec.Command("go", "build", "-o", exe, "./testdata/fastcgi").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d := start(t, `
[fcgi-program:pool]
command=`+exe+`
socket=unix://${DIR}/fcgi.sock
socket_mode=0777
process_name=pool%(process_num)s
numprocs=2

[program:nginx]
command=`+nginx+` -p ${DIR} -e ${DIR}/nginx.log -c ${DIR}/nginx.conf
`, map[string]string{"nginx.conf": `daemon off;
pid ${DIR}/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${DIR}/t1; proxy_temp_path ${DIR}/t2; fastcgi_temp_path ${DIR}/t3; uwsgi_temp_path ${DIR}/t4; scgi_temp_path ${DIR}/t5;
  server {
    listen unix:${DIR}/web;
    location / {
      fastcgi_pass unix:${DIR}/fcgi.sock;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param REQUEST_URI $request_uri; fastcgi_param HTTP_HOST $host;
    }
  }
}
`})
	_ = os.Chmod(d.Dir, 0o755) // nginx's workers are nobody
	until(t, d, "main.log", "success: pool0", "success: pool1", "success: nginx")
	pids := map[string]bool{}
	for range 20 {
		pages, failed := visit(d, 20)
		if failed > 0 {
			t.Fatalf("%d of 20 failed: %s", failed, d.ReadFile("nginx.log"))
		}
		for p := range pages {
			pid, path, _ := strings.Cut(p, " ")
			if pids[pid] = true; path != "/page" {
				t.Errorf("the page is %q", p)
			}
		}
		if len(pids) == 2 {
			break
		}
	}
	if len(pids) != 2 {
		t.Errorf("served by %v, not by both", pids)
	}
	for pid := range pids {
		n, _ := strconv.Atoi(pid)
		_ = syscall.Kill(n, syscall.SIGKILL)
		break
	}
	if pages, _ := visit(d, 20); len(pages) == 0 {
		t.Error("with one process killed nobody serves")
	}
	if _, _, err := d.Call("supervisor.stopProcessGroup", "pool"); err != nil {
		t.Fatal(err)
	}
	if _, failed := visit(d, 5); failed != 5 {
		t.Errorf("%d of 5 failed with the pool stopped", failed)
	}
	if _, _, err := d.Call("supervisor.startProcessGroup", "pool"); err != nil {
		t.Fatal(err)
	}
	if _, failed := visit(d, 20); failed != 0 {
		t.Errorf("%d of 20 failed with the pool started again", failed)
	}
}

// mailbox takes one mail over SMTP and returns its address and where the text will be.
func mailbox(t *testing.T) (address string, mail <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	arrived := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "220 hello\r\n")
		in, text, reading := bufio.NewScanner(c), "", false
		for in.Scan() {
			switch line := in.Text(); {
			case reading && line == ".":
				reading = false
				arrived <- text
				fmt.Fprint(c, "250 ok\r\n")
			case reading:
				text += line + "\n"
			case strings.EqualFold(line, "data"):
				reading = true
				fmt.Fprint(c, "354 go on\r\n")
			case strings.HasPrefix(strings.ToUpper(line), "QUIT"):
				fmt.Fprint(c, "221 bye\r\n")
				return
			default:
				fmt.Fprint(c, "250 ok\r\n")
			}
		}
	}()
	return l.Addr().String(), arrived
}

// The listeners that people have: one that mails, one that restarts what grows, one that restarts what does not answer.
var watchdogs = map[string]string{
	"dogmail.py": `import smtplib, sys
from supervisor import childutils
while True:
    headers, payload = childutils.listener.wait()
    facts, _ = childutils.eventdata(payload + '\n')
    if not int(facts['expected']):
        with smtplib.SMTP(sys.argv[1], local_hostname='localhost') as smtp:
            smtp.sendmail('reeve@localhost', ['ops@localhost'], 'Subject: %(processname)s in %(groupname)s\n\npid %(pid)s' % facts)
    childutils.listener.ok()
`,
	"dogmemory.py": `import os, sys
from supervisor import childutils
rpc = childutils.getRPCInterface(os.environ)
while True:
    headers, payload = childutils.listener.wait()
    for info in rpc.supervisor.getAllProcessInfo():
        if info['statename'] == 'RUNNING' and info['name'] == 'hog':
            rss = [l for l in open('/proc/%d/status' % info['pid']) if l.startswith('VmRSS')][0].split()[1]
            if int(rss) > 100000:
                sys.stderr.write('restarting hog at %s kB\n' % rss)
                rpc.supervisor.stopProcess('hog')
                rpc.supervisor.startProcess('hog')
    childutils.listener.ok()
`,
	"doghttp.py": `import http.client, os, sys
from supervisor import childutils
rpc = childutils.getRPCInterface(os.environ)
while True:
    headers, payload = childutils.listener.wait()
    try:
        c = http.client.HTTPConnection(sys.argv[1], timeout=2)
        c.request('GET', '/')
        good = c.getresponse().status == 200
    except OSError:
        good = False
    if not good:
        sys.stderr.write('restarting web\n')
        rpc.supervisor.stopProcess('web')
        rpc.supervisor.startProcess('web')
    childutils.listener.ok()
`,
	"hog.py": `import os, time
block = b'' if os.path.exists('hogged') else b'x' * 200000000
open('hogged', 'w').close()
time.sleep(1000)
`,
}

func TestTheWatchdogsThatPeopleHaveWatch(t *testing.T) {
	t.Parallel()
	if _, err := difftest.Debian(); err != nil {
		t.Skip(err)
	}
	address, mail := mailbox(t)
	d := start(t, `
[eventlistener:mail]
command=/usr/bin/python3 ${DIR}/dogmail.py `+address+`
events=PROCESS_STATE_EXITED

[eventlistener:memory]
command=/usr/bin/python3 ${DIR}/dogmemory.py
events=TICK_5
stderr_logfile=${DIR}/memory.err

[eventlistener:http]
command=/usr/bin/python3 ${DIR}/doghttp.py 127.0.0.1:${PORT}
events=TICK_5
stderr_logfile=${DIR}/http.err

[program:crash]
command=/bin/sh -c "sleep 1.5; exit 3"
autorestart=false

[program:hog]
command=/usr/bin/python3 ${DIR}/hog.py
directory=${DIR}

[program:web]
command=/usr/bin/python3 -c "import os,time; os.path.exists('tried') and os.execlp('python3','python3','-m','http.server','-b','127.0.0.1','${PORT}'); open('tried','w'); time.sleep(1000)"
directory=${DIR}
`, watchdogs)
	until(t, d, "memory.err", "restarting hog at ")
	until(t, d, "http.err", "restarting web\n")
	until(t, d, "main.log", "stopped: hog (terminated by SIGTERM)", "stopped: web (terminated by SIGTERM)")
	select {
	case text := <-mail:
		if !strings.Contains(text, "Subject: crash in crash\n") {
			t.Errorf("the mail says %q", text)
		}
	case <-time.After(20 * time.Second):
		t.Error("no mail")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := difftest.Poll(ctx, func() bool {
		_, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(d.Port))
		return err == nil && d.State("hog") == "RUNNING"
	})
	if err != nil {
		t.Errorf("the programs are not back: %v\n%s", err, d.ReadFile("main.log"))
	}
}
