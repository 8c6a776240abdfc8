package httpd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

const date = "Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n"

const notFound = "Server: Medusa/1.12\r\n" + date + "Content-Length: 134\r\nContent-Type: text/html\r\n\r\n" +
	"<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n" +
	"<p>Error code 404.\r\n<p>Message: Not Found.\r\n</body>\r\n"

const ok = "Server: Medusa/1.12\r\n" + date + "Content-Type: text/xml\r\nContent-Length: 5\r\n"

// TestBytesOnTheWire are whole answers, byte for byte.
// holds: HTTP-004 HTTP-010 HTTP-011 HTTP-015
func TestBytesOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, request, want string }{
		{"an answer", "GET /ok HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n" + ok + "\r\n<ok/>"},
		{"an error page", "GET /nope HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n" + notFound},
		{"an old client", "GET /ok HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n" + ok + "\r\n<ok/>"},
		{"an old client that stays", "GET /ok HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
			"HTTP/1.0 200 OK\r\n" + ok + "Connection: Keep-Alive\r\n\r\n<ok/>"},
		{"a client that leaves", "GET /ok HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n" + ok + "\r\n<ok/>"},
		{"a version of the future", "GET /ok HTTP/2.0\r\n\r\n", "HTTP/2.0 200 OK\r\n" + ok + "\r\n<ok/>"},
		{"a stream", "GET /stream HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: Medusa/1.12\r\n" + date +
			"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n11\r\nxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n"},
		{"a head alone, and what comes next", "HEAD /ok HTTP/1.1\r\n\r\nHEAD /stream HTTP/1.1\r\n\r\nHEAD /nope HTTP/1.1\r\n\r\nGET /ok HTTP/1.1\r\n\r\n",
			"HTTP/1.1 200 OK\r\n" + ok + "\r\nHTTP/1.1 200 OK\r\nServer: Medusa/1.12\r\n" + date + "Transfer-Encoding: chunked\r\n\r\n" +
				"HTTP/1.1 404 Not Found\r\n" + notFound[:strings.Index(notFound, "<head>")] + "HTTP/1.1 200 OK\r\n" + ok + "\r\n<ok/>"},
		{"a stream to an old client", "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"HTTP/1.0 200 OK\r\nServer: Medusa/1.12\r\n" + date + "\r\nonexxxxxxxxxxxxxxxxx"},
		{"a refusal that closes", "GET /close HTTP/1.1\r\n\r\n", "HTTP/1.1 401 Unauthorized\r\nServer: Medusa/1.12\r\n" + date +
			"Connection: close\r\nContent-Length: 137\r\nContent-Type: text/html\r\n\r\n" +
			"<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n" +
			"<p>Error code 401.\r\n<p>Message: Unauthorized.\r\n</body>\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			serve(t, httpd.Limits{}, func(d *doors, _ *faces, _ *httpd.Server) {
				if got := d.call().say(c.request).answer(); got != c.want {
					t.Errorf("%q\nwant\n%q", got, c.want)
				}
			})
		})
	}
}

const next = "GET /nope HTTP/1.1\r\n\r\n" // shows where the server thinks that a request begins

// TestWhereOneRequestEndsAndTheNextBegins: the answers to what is sent in one breath, and whether the line stays open.
// What could be read in two ways is answered once and ends the connection.
// holds: HTTP-002 HTTP-003 HTTP-011 HTTP-012 HTTP-014 HTTP-015 HTTP-016
func TestWhereOneRequestEndsAndTheNextBegins(t *testing.T) {
	t.Parallel()
	const post = "POST /body HTTP/1.1\r\n"
	for _, c := range []struct {
		name, request string
		want          string // statuses, joined
		closed        bool
	}{
		{"three in one breath", "GET /ok HTTP/1.1\r\n\r\n" + next + next, "200 404 404", false},
		{"a body", post + "Content-Length: 3\r\n\r\nabc" + next, "200 404", false},
		{"a body that nobody reads", "POST /ok HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + next, "200 404", false},
		{"an empty body", post + "Content-Length: 0\r\n\r\n" + next, "200 404", false},
		{"no length", post + "\r\n" + next, "411 404", false},
		{"a length without a blank", post + "Content-Length:3\r\n\r\nabc" + next, "200 404", false},
		{"a length in other letters", post + "CONTENT-length: 3 \r\n\r\nabc" + next, "200 404", false},
		{"the same length twice", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc" + next, "200 404", false},
		{"too long a body", post + "Content-Length: 101\r\n\r\n" + strings.Repeat("x", 101) + next, "413 404", false},
		{"far too long a body", post + "Content-Length: 100000000\r\n\r\nabc" + next, "413", true},
		{"an old client", "GET /ok HTTP/1.0\r\n\r\n" + next, "200", true},
		{"an old client that stays", "GET /ok HTTP/1.0\r\nConnection: KEEP-alive\r\n\r\n" + next, "200 404", false},
		{"an old client, streamed to", "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + next, "200", true},
		{"a stream", "GET /stream HTTP/1.1\r\n\r\n" + next, "200 404", false},
		{"a client that leaves", "GET /ok HTTP/1.1\r\nConnection: Close\r\n\r\n" + next, "200", true},
		{"a refusal that closes", "GET /close HTTP/1.1\r\n\r\n" + next, "401", true},
		{"no answer at all", "GET /nil HTTP/1.1\r\n\r\n" + next, "", true},
		{"a blank line first", "\r\nGET /ok HTTP/1.1\r\n\r\n" + next, "200 404", false},
		{"two blank lines first", "\r\n\r\nGET /ok HTTP/1.1\r\n\r\n" + next, "", true},
		{"expecting to be told to go on", post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + next, "200 404", false},
		{"lines that are no headers", "GET /ok HTTP/1.1\r\nnonsense\r\n: none\r\nA: b\r\n\r\n" + next, "200 404", false},
		{"a name in percents", "GET /%6f%6B HTTP/1.1\r\n\r\nGET /%zz%4 HTTP/1.1\r\n\r\n", "200 404", false},
		{"a question", "GET /ok?a=/%00 HTTP/1.1\r\n\r\n", "200", false},

		{"no request", "FOO\r\n\r\n" + next, "", true},
		{"no version", "GET /ok\r\n\r\n" + next, "", true},
		{"two blanks", "GET  /ok HTTP/1.1\r\n\r\n" + next, "", true},
		{"a version that is none", "GET /ok HTTP/x\r\n\r\n" + next, "", true},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", "", true},
		{"a header that goes on from nothing", "GET /ok HTTP/1.1\r\n folded\r\n\r\n" + next, "", true},

		{"two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc" + next, "400", true},
		{"a length and a coding", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next, "400", true},
		{"a coding and a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + next, "400", true},
		{"a hidden coding and a length", post + "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + next, "400", true},
		{"a coding alone", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + next, "411", true},
		{"a request in the place of a chunk", post + "Transfer-Encoding: chunked\r\n\r\n" + next, "411", true},
		{"a coding where no body is read", "GET /ok HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next, "200", true},
		{"a coding with a blank before its colon", post + "Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + next, "400", true},
		{"a length with a blank before its colon", post + "Content-Length : 3\r\n\r\nabc" + next, "400", true},
		{"a length with a tab before its colon", post + "Content-Length\t: 3\r\nContent-Length: 4\r\n\r\nabcd" + next, "400", true},
		{"a negative length", post + "Content-Length: -1\r\n\r\n" + next, "500", true},
		{"a positive length", post + "Content-Length: +3\r\n\r\nabc" + next, "500", true},
		{"a list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc" + next, "500", true},
		{"a length that goes on", post + "Content-Length: 3\r\n 0\r\n\r\nabc" + next, "500", true},
		{"no number", post + "Content-Length: three\r\n\r\nabc" + next, "500", true},
		{"nothing for a number", post + "Content-Length:\r\n\r\nabc" + next, "500", true},
		{"beyond all numbers", post + "Content-Length: 99999999999999999999\r\n\r\nabc" + next, "500", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			serve(t, httpd.Limits{Linger: time.Millisecond}, func(d *doors, _ *faces, _ *httpd.Server) {
				k := d.call().say(c.request)
				got := statuses(k.answer())
				pass(time.Millisecond) // the linger
				if got != c.want || k.gone() != c.closed {
					t.Errorf("answers %q, closed %v; want %q, %v", got, k.gone(), c.want, c.closed)
				}
			})
		})
	}
}

// TestHeadMayBeAsLongAsTheLimitAndNoLonger, in one line or in many.
func TestHeadMayBeAsLongAsTheLimitAndNoLonger(t *testing.T) {
	t.Parallel()
	const limit = 1 << 14
	for _, c := range []struct {
		name string
		head func(n int) string
	}{
		{"a path", func(n int) string { return "GET /ok?" + strings.Repeat("x", n-21) + " HTTP/1.1\r\n\r\n" }},
		{"a header", func(n int) string { return "GET /ok HTTP/1.1\r\nA: " + strings.Repeat("x", n-25) + "\r\n\r\n" }},
		{"headers", func(n int) string {
			return "GET /ok HTTP/1.1\r\n" + strings.Repeat("A:b\r\n", (n-20)/5) + strings.Repeat("\n", 0) + "B" + strings.Repeat("b", (n-20)%5) + "\r\n\r\n"
		}},
	} {
		for _, over := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, over), func(t *testing.T) {
				t.Parallel()
				serve(t, httpd.Limits{Head: limit}, func(d *doors, _ *faces, _ *httpd.Server) {
					n := limit - 8
					if over {
						n = limit + 8
					}
					k := d.call().say(c.head(n))
					if answered := k.answer() != ""; answered == over || k.gone() != over {
						t.Errorf("answered %v, closed %v", answered, k.gone())
					}
				})
			})
		}
	}
}

// TestEveryAnswerIsTold to whoever writes the access log, with its whole size.
func TestEveryAnswerIsTold(t *testing.T) {
	t.Parallel()
	bubbled(t, func(t *testing.T) {
		var told []string
		d := newDoors()
		s := httpd.Serve(d, httpd.Options{Handler: newFaces(), Now: time.Now, Access: func(r *httpd.Request, status int, size int64) {
			told = append(told, fmt.Sprint(r.Line, " ", status, " ", size))
		}})
		k := d.call().say("GET /ok HTTP/1.1\r\n\r\n" + "GET /stream HTTP/1.1\r\n\r\n" + "POST /x HTTP/1.1\r\nContent-Length: x\r\n\r\n")
		size := len(k.answer())
		s.Close(0)
		sum := 0
		for _, l := range told {
			var n int
			fmt.Sscan(l[strings.LastIndex(l, " ")+1:], &n)
			sum += n
		}
		if len(told) != 3 || !strings.HasPrefix(told[0], "GET /ok HTTP/1.1 200 ") || !strings.HasPrefix(told[2], "POST /x HTTP/1.1 500 ") || sum+5 != size {
			t.Errorf("%q, %d bytes told, %d sent", told, sum, size)
		}
	})
}
