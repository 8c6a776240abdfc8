package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/reeve-sh/reeve/internal/api/metrics"
	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

func TestMain(m *testing.M) { standin.Main(m) }

var ctx = context.Background()

// measured plays a story with a face over a daemon whose group "g" has "a", which runs, and "b\"", which does not.
func measured(t *testing.T, story func(f *metrics.Face, s *service.Service, k *kernel.Fake)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := standin.Program(`b"`)
		a := standin.Program("a", standin.Up, func(p *config.Process) { p.Autorestart = config.RestartAlways })
		d := standin.New(t, standin.Options{Config: &config.Config{
			Daemon: config.Daemon{Identifier: `one\two`, Logfile: dir + "/main.log"},
			Groups: []config.Group{{Name: "g", Processes: []config.Process{a, b}}},
		}})
		k := d.Kernel
		d.Begin()
		standin.Pass(500 * time.Millisecond)
		requests := &metrics.Requests{}
		requests.Count("/RPC2", 200)
		requests.Count("/RPC2", 200)
		requests.Count("none", 404)
		cpu := time.Duration(0)
		sampler := usage.New(usage.Options{Every: time.Second, Now: k.Wall, Read: func() ([]usage.Stat, error) {
			cpu += time.Second
			return []usage.Stat{{Pid: k.Alive()[0], Born: 1, CPU: cpu, Memory: 4096}}, nil
		}})
		story(metrics.New(metrics.Options{
			Service: d.Service, Events: func() uint64 { return 12 }, Turns: d.Loop.Turns, Requests: requests, Usage: sampler,
			Queues: func() []metrics.Queue { return []metrics.Queue{{Pool: "p\n", Length: 3, Limit: 10, Lost: 4}} },
		}), d.Service, k)
	})
}

func scrape(t *testing.T, f *metrics.Face, accept string) *httpd.Response {
	t.Helper()
	r := &httpd.Request{Method: "GET", Path: metrics.Path, Header: []httpd.Field{{Name: "Accept", Value: accept}}}
	resp := f.Serve(ctx, r)
	if resp.Status != 200 {
		t.Fatalf("status %d", resp.Status)
	}
	return resp
}

func contentType(r *httpd.Response) string { return r.Header[0].Value }

// samples reads an answer with Prometheus's own parser, by series.
func samples(t *testing.T, page []byte, kind string) map[string]float64 {
	t.Helper()
	p, err := textparse.New(page, kind, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		series, _, value := p.Series()
		if _, twice := out[string(series)]; twice {
			t.Errorf("%s stands there twice", series)
		}
		out[string(series)] = value
	}
}

// scraper is what Prometheus sends.
const scraper = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"

func TestPrometheusReadsBothFormats(t *testing.T) {
	t.Parallel()
	measured(t, func(f *metrics.Face, s *service.Service, k *kernel.Fake) {
		k.End(k.Alive()[0], kernel.Status{Code: 3})
		synctest.Wait()
		<-time.After(2500 * time.Millisecond)
		scrape(t, f, "")
		<-time.After(2 * time.Second)
		want := map[string]float64{
			`supervisor_build_info{version="4.4.0",identifier="one\\two"}`: 1,
			`supervisor_up`:                                                   1,
			`supervisor_processes{state="RUNNING"}`:                           1,
			`supervisor_processes{state="STOPPED"}`:                           1,
			`supervisor_processes{state="FATAL"}`:                             0,
			`supervisor_process_up{group="g",process="a"}`:                    1,
			`supervisor_process_up{group="g",process="b\""}`:                  0,
			`supervisor_process_state{group="g",process="a"}`:                 20,
			`supervisor_process_restarts_total{group="g",process="a"}`:        1,
			`supervisor_process_exit_code{group="g",process="a"}`:             3,
			`supervisor_process_uptime_seconds{group="g",process="a"}`:        4.5,
			`supervisor_process_start_time_seconds{group="g",process="a"}`:    946684802.5,
			`supervisor_process_resident_memory_bytes{group="g",process="a"}`: 4096,
			`supervisor_process_cpu_ratio{group="g",process="a"}`:             0.5,
			`supervisor_events_published_total`:                               12,
			`supervisor_listener_queue_length{pool="p\n"}`:                    3,
			`supervisor_listener_queue_limit{pool="p\n"}`:                     10,
			`supervisor_listener_events_lost_total{pool="p\n"}`:               4,
			`supervisor_http_requests_total{face="/RPC2",status="200"}`:       2,
			`supervisor_http_requests_total{face="none",status="404"}`:        1,
		}
		for _, accept := range []string{"", "*/*", scraper, "text/plain"} {
			resp := scrape(t, f, accept)
			if old := accept == "text/plain"; strings.HasPrefix(contentType(resp), "text/plain") != old {
				t.Errorf("%q is answered with %s", accept, contentType(resp))
			}
			got := samples(t, resp.Body, contentType(resp))
			for series, value := range want {
				if v, there := got[series]; !there || v != value {
					t.Errorf("%q: %s is %v (%v), want %v", accept, series, v, there, value)
				}
			}
			for _, series := range []string{`supervisor_process_uptime_seconds{group="g",process="b\""}`, `supervisor_process_exit_signal{group="g",process="a"}`} {
				if _, there := got[series]; there {
					t.Errorf("%s is there", series)
				}
			}
			for _, series := range []string{"go_goroutines", "process_resident_memory_bytes", "supervisor_loop_turns_total"} {
				if got[series] <= 0 {
					t.Errorf("%s is %v", series, got[series])
				}
			}
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		if _, err := parser.TextToMetricFamilies(bytes.NewReader(scrape(t, f, "text/plain").Body)); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoMaySeeNumbers(t *testing.T) {
	t.Parallel()
	measured(t, func(f *metrics.Face, s *service.Service, _ *kernel.Fake) {
		r := &httpd.Request{Method: "GET", Path: metrics.Path}
		for role, want := range map[service.Role]int{service.Nobody: 403, service.Read: 200, service.Admin: 200} {
			if got := f.Serve(service.As(ctx, &service.Who{Name: "w", Role: role}), r).Status; got != want {
				t.Errorf("role %s: %d, want %d", role, got, want)
			}
		}
		if got := f.Serve(ctx, &httpd.Request{Method: "POST", Path: metrics.Path}).Status; got != 405 {
			t.Errorf("POST: %d", got)
		}
		if resp := f.Serve(ctx, &httpd.Request{Method: "HEAD", Path: metrics.Path}); resp.Status != 200 || resp.Body != nil {
			t.Errorf("HEAD: %d %q", resp.Status, resp.Body)
		}
		if err := s.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		resp := scrape(t, f, "")
		if got := samples(t, resp.Body, contentType(resp)); got["supervisor_up"] != 0 || got[`supervisor_processes{state="RUNNING"}`] != 0 {
			t.Errorf("on the way down:\n%s", resp.Body)
		}
	})
}

var update = flag.Bool("update", false, "rewrite doc/metrics.md")

// TestThePageListsWhatIsThere: doc/metrics.md is made from the help of an answer.
func TestThePageListsWhatIsThere(t *testing.T) {
	t.Parallel()
	const path = "../../../doc/metrics.md"
	var b strings.Builder
	b.WriteString(intro)
	measured(t, func(f *metrics.Face, _ *service.Service, _ *kernel.Fake) {
		page := string(scrape(t, f, "").Body)
		for line := range strings.Lines(page) {
			help, ok := strings.CutPrefix(line, "# HELP ")
			if !ok {
				continue
			}
			name, help, _ := strings.Cut(strings.TrimSpace(help), " ")
			_, kind, _ := strings.Cut(page, "# TYPE "+name+" ")
			kind, _, _ = strings.Cut(kind, "\n")
			sample := name + map[string]string{"counter": "_total", "info": "_info"}[kind]
			labels := ""
			if _, rest, found := strings.Cut(page, "\n"+sample+"{"); found {
				rest, _, _ = strings.Cut(rest, "}")
				for part := range strings.SplitSeq(rest, `",`) {
					label, _, _ := strings.Cut(part, "=")
					labels += " " + label
				}
			}
			if labels == "" && strings.HasPrefix(name, "supervisor_process_") {
				labels = " group process" // nobody has such an end yet
			}
			fmt.Fprintf(&b, "| `%s` | %s |%s | %s |\n", sample, kind, labels, help)
		}
	})
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != b.String() {
		t.Errorf("%s is not what /metrics says (%v): run with -update and read the difference", path, err)
	}
}

const intro = `# Metrics

` + "`GET /metrics`" + ` on any HTTP server of supervisord answers in OpenMetrics, or in Prometheus's older text format to whoever
takes only that. It needs the same credentials as everything else (role read), unless the section of the server says
` + "`metrics_open=true`" + `.

` + "```yaml" + `
scrape_configs:
  - job_name: supervisord
    basic_auth: {username: me, password: secret}
    static_configs: [{targets: ["web.example:9001"]}]
` + "```" + `

Everything is looked up when it is asked for: nobody asks, nothing is done. What processes take is read from /proc, so
that it is there on Linux only. Counters of a process begin at 0 when its group comes, all others when supervisord begins
or restarts.

| series | type | labels | meaning |
|---|---|---|---|
`
