package difftest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answerLimit is how long a call may take: longer than anything a scenario does on purpose.
const answerLimit = 40 * time.Second

// Call makes one XML-RPC call over a connection of its own and returns status line and body as they came. Each argument
// is a string, json.Number (with a point or not), bool, nil, []any or map[string]any.
func (d *Daemon) Call(method string, args ...any) (status, body string, err error) {
	return d.Post(encodeCall(method, args))
}

// Post sends a request body to /RPC2 as it is.
func (d *Daemon) Post(request string) (status, body string, err error) {
	c, err := d.Dial(d.inet)
	if err != nil {
		return "", "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(answerLimit))
	fmt.Fprintf(c, "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(request), request)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "", "", err
	}
	defer r.Body.Close()
	all, err := io.ReadAll(r.Body)
	return r.Status, string(all), err
}

func encodeCall(method string, args []any) string {
	var b strings.Builder
	b.WriteString("<?xml version='1.0'?><methodCall><methodName>" + escape(method) + "</methodName><params>")
	for _, a := range args {
		b.WriteString("<param>")
		encode(&b, a)
		b.WriteString("</param>")
	}
	b.WriteString("</params></methodCall>")
	return b.String()
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func encode(b *strings.Builder, v any) {
	b.WriteString("<value>")
	switch v := v.(type) {
	case nil:
		b.WriteString("<nil/>")
	case string:
		b.WriteString("<string>" + escape(v) + "</string>")
	case bool:
		fmt.Fprintf(b, "<boolean>%d</boolean>", map[bool]int{true: 1}[v])
	case json.Number:
		kind := "int"
		if strings.Contains(v.String(), ".") {
			kind = "double"
		}
		fmt.Fprintf(b, "<%s>%s</%[1]s>", kind, v)
	case []any:
		b.WriteString("<array><data>")
		for _, e := range v {
			encode(b, e)
		}
		b.WriteString("</data></array>")
	case map[string]any:
		b.WriteString("<struct>")
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString("<member><name>" + escape(k) + "</name>")
			encode(b, v[k])
			b.WriteString("</member>")
		}
		b.WriteString("</struct>")
	}
	b.WriteString("</value>")
}

// arguments reads the JSON values that stand one after another in text.
func arguments(text string) ([]any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var all []any
	for {
		var v any
		if err := dec.Decode(&v); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("cannot read arguments %s: %w", text, err)
		}
		all = append(all, v)
	}
}

// Exchange writes raw bytes and reads n answers, each until its Content-Length or the end of the connection says so.
// What it returns is the bytes, the checked length apart, and whether the server then closed the connection.
func (d *Daemon) Exchange(inet bool, n int, request string) (string, error) {
	c, err := d.Dial(inet)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		return "", err
	}
	var out strings.Builder
	r := bufio.NewReader(c)
	head := strings.HasPrefix(request, "HEAD ")
	for range n {
		c.SetReadDeadline(time.Now().Add(6 * time.Second))
		if err := readAnswer(r, head, &out); err != nil {
			fmt.Fprintf(&out, "(no answer: %s)\n", silence(err))
			return out.String(), nil
		}
		out.WriteString("\n")
	}
	c.SetReadDeadline(time.Now().Add(700 * time.Millisecond))
	more, err := io.ReadAll(r)
	if len(more) > 0 {
		fmt.Fprintf(&out, "(and then %q)\n", more)
	}
	if err == nil {
		out.WriteString("(closed)\n")
	} else {
		fmt.Fprintf(&out, "(%s)\n", silence(err))
	}
	return out.String(), nil
}

// silence names why nothing more came.
func silence(err error) string {
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		return "open"
	}
	return "closed"
}

// readAnswer copies one HTTP answer to out.
func readAnswer(r *bufio.Reader, head bool, out *strings.Builder) error {
	length, chunked, lines := -1, false, 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		lines++
		name, value, _ := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "content-length":
			length, _ = strconv.Atoi(value)
			line = name + ": (as said)"
		case "transfer-encoding":
			chunked = true
		}
		out.WriteString(line + "\n")
	}
	out.WriteString("\n")
	var body []byte
	var err error
	switch {
	case head:
	case chunked:
		body, err = io.ReadAll(dechunk(r))
	case length >= 0:
		body = make([]byte, length)
		_, err = io.ReadFull(r, body)
	default:
		body, err = io.ReadAll(r)
	}
	out.Write(body)
	return err
}

func dechunk(r *bufio.Reader) io.Reader {
	resp, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), r)), nil)
	if err != nil {
		return strings.NewReader("")
	}
	return resp.Body
}

// Stream sends a request whose answer does not end and reads until the body holds want; do, when not nil, is called
// once the headers are there.
func (d *Daemon) Stream(inet bool, request, want string, do func()) (string, error) {
	c, err := d.Dial(inet)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(6 * time.Second))
	io.WriteString(c, request)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "(no answer: " + silence(err) + ")", nil
	}
	// The body is not closed: that would read on to an end that does not come.
	if do != nil {
		do()
	}
	var got bytes.Buffer
	buf := make([]byte, 4096)
	for !strings.Contains(got.String(), want) {
		n, err := resp.Body.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			fmt.Fprintf(&got, "(%s)", silence(err))
			break
		}
	}
	var heads []string
	for name, values := range resp.Header {
		heads = append(heads, name+": "+strings.Join(values, ", "))
	}
	slices.Sort(heads)
	return resp.Status + "\n" + strings.Join(heads, "\n") + "\n" + strings.Join(resp.TransferEncoding, ",") + "\n\n" + got.String(), nil
}

// Number is an argument of Call that is an int, or a double when it has a point.
func Number(text string) json.Number { return json.Number(text) }
