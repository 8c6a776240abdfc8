package syslog_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	parser "github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/octetcounting"
	"github.com/leodido/go-syslog/v4/rfc5424"

	"github.com/reeve-sh/reeve/internal/sys/syslog"
)

var then = time.Date(2099, 3, 5, 4, 7, 9, 123456789, time.UTC)

func at() time.Time { return then }

// short makes a directory whose name leaves room for a socket's.
func short(t *testing.T) string {
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// datagrams reads n packets.
func datagrams(t *testing.T, c net.PacketConn, n int) []string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var all []string
	buf := make([]byte, 1<<16)
	for range n {
		k, _, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatalf("after %q: %v", all, err)
		}
		all = append(all, string(buf[:k]))
	}
	return all
}

// holds: LOG-026
func TestLocalLinesAreThoseOfTheCLibrary(t *testing.T) {
	t.Parallel()
	path := filepath.Join(short(t), "log")
	c, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	logs := syslog.New(syslog.Options{Ident: "supervisord", Paths: []string{path + "-none", path}, Now: at})
	defer logs.Close()
	w := logs.Local("cat")
	for _, chunk := range []string{"one\ntwo\n\n", "part", "\n", "a\n\nb", "\xff\n"} {
		if n, err := w.Write([]byte(chunk)); n != len(chunk) || err != nil {
			t.Error(n, err)
		}
	}
	for i, got := range datagrams(t, c, 8) {
		want := "<14>Mar  5 04:07:09 supervisord: cat " + []string{"one", "two", "part", "", "a", "", "b", "\xff"}[i]
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestALogDaemonThatIsRestartedGetsTheNextLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(short(t), "log")
	now := then
	logs := syslog.New(syslog.Options{Ident: "s", Paths: []string{path}, Now: func() time.Time { return now }})
	defer logs.Close()
	w := logs.Local("p")
	_, _ = w.Write([]byte("nobody is there"))
	now = now.Add(2 * time.Second)
	for i := range 2 {
		c, err := net.ListenPacket("unixgram", path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(strconv.Itoa(i)))
		if got := datagrams(t, c, 1)[0]; !strings.HasSuffix(got, " s: p "+strconv.Itoa(i)) {
			t.Errorf("got %q", got)
		}
		c.Close()
		os.Remove(path)
	}
}

func TestAStreamSocketGetsAZeroByteAfterEachLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(short(t), "log")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	logs := syslog.New(syslog.Options{Ident: "s", Paths: []string{path}, Now: at})
	_, _ = logs.Local("p").Write([]byte("a\nb\n"))
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	logs.Close()
	got, _ := io.ReadAll(c)
	if want := "<14>Mar  5 04:07:09 s: p a\x00<14>Mar  5 04:07:09 s: p b\x00"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

const head = "<14>1 2099-03-05T04:07:09.123456Z my_host "

func TestALogHostGetsMessagesOfRFC5424(t *testing.T) {
	t.Parallel()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	logs := syslog.New(syslog.Options{Host: "my host", Now: at})
	defer logs.Close()
	w := logs.Remote("udp:"+c.LocalAddr().String(), "wörker 1", 42)
	for _, chunk := range []string{"on", "e\ntw", "o\n\nend"} {
		_, _ = w.Write([]byte(chunk))
	}
	_, _ = w.Write([]byte(" of " + strings.Repeat("x", 8<<10) + "\n"))
	_, _ = w.Write([]byte("last words"))
	_ = w.Close()
	for i, got := range datagrams(t, c, 6) {
		want := []string{"one", "two", "", "end of " + strings.Repeat("x", 7680-7), strings.Repeat("x", 519), "last words"}[i]
		if got != head+"w__rker_1 42 - - "+want {
			t.Errorf("%d: %.200q, want the end %.200q", i, got, want)
		}
	}
}

func TestTheDaemonsOwnLinesHaveTheSeverityOfTheirLevel(t *testing.T) {
	t.Parallel()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	logs := syslog.New(syslog.Options{Host: "my_host", Now: at})
	defer logs.Close()
	w := logs.Daemon("udp:"+c.LocalAddr().String(), "d", 4)
	_, _ = w.Write([]byte("no level\nWARN a\nb\nCRIT c\nDEBG\nINFO d\nBLAT e\n"))
	for i, got := range datagrams(t, c, 7) {
		want := []string{"<14> no level", "<12> WARN a", "<12> b", "<10> CRIT c", "<10> DEBG", "<14> INFO d", "<15> BLAT e"}[i]
		priority, text, _ := strings.Cut(want, " ")
		if got != priority+strings.TrimPrefix(head, "<14>")+"d 4 - - "+text {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}

func TestOnTCPEveryMessageSaysItsLength(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	logs := syslog.New(syslog.Options{Host: "my_host", Now: at})
	a, b := logs.Remote("tcp:"+l.Addr().String(), "", 1), logs.Remote("tcp:"+l.Addr().String(), "b", 2)
	_, _ = a.Write([]byte("x\n"))
	_, _ = b.Write([]byte("y\nz\n"))
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	logs.Close()
	got, _ := io.ReadAll(c)
	for _, want := range []string{"- 1 - - x", "b 2 - - y", "b 2 - - z"} {
		n, rest, ok := bytes.Cut(got, []byte(" "))
		size, err := strconv.Atoi(string(n))
		if !ok || err != nil || size > len(rest) || string(rest[:size]) != head+want {
			t.Fatalf("%q does not begin with %q", got, head+want)
		}
		got = rest[size:]
	}
	if len(got) > 0 {
		t.Errorf("and then %q", got)
	}
}

// TestAParserOfOthersReadsWhatALogHostGets: whatever a program writes, each message is one of RFC 5424, no longer than a
// log host takes, and together they are what was written.
func TestAParserOfOthersReadsWhatALogHostGets(t *testing.T) {
	t.Parallel()
	said := "plain\n\n<14>1 not a head\n" + "x" + strings.Repeat("é", 9000) + "\n\xff\xfe\ttab \"quoted\" [x]\n" + strings.Repeat("\xff", 20000) + "\nend"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	logs := syslog.New(syslog.Options{Host: "my host.example", Now: at})
	for _, size := range []int{1, 7, 8 << 10, 1 << 20} {
		w := logs.Daemon("tcp:"+l.Addr().String(), "wörker 1", 42)
		for p := []byte(said); len(p) > 0; p = p[min(size, len(p)):] {
			_, _ = w.Write(p[:min(size, len(p))])
		}
		w.Close()
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		logs.Close()
		var got []string
		octetcounting.NewParser(parser.WithListener(func(r *parser.Result) {
			if r.Error != nil {
				t.Fatalf("in pieces of %d: %v", size, r.Error)
			}
			m := r.Message.(*rfc5424.SyslogMessage)
			if *m.Priority != 14 || *m.Hostname != "my_host.example" || *m.Appname != "w__rker_1" || *m.ProcID != "42" || m.MsgID != nil ||
				m.StructuredData != nil || !m.Timestamp.Equal(at().Truncate(time.Microsecond)) {
				t.Errorf("in pieces of %d: %+v", size, m)
			}
			text := ""
			if m.Message != nil {
				text = *m.Message
			}
			if !strings.Contains(text, "\xff") && !utf8.ValidString(text) {
				t.Errorf("a character is cut in two in %d bytes", len(text))
			}
			got = append(got, text)
		})).Parse(c)
		c.Close()
		if all := strings.Join(got, ""); all != strings.ReplaceAll(said, "\n", "") {
			t.Errorf("in pieces of %d: %d bytes in %d messages, want %d", size, len(all), len(got), len(said))
		}
	}
}
