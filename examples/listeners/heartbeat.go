//go:build ignore

// Heartbeat writes the time into a file every five seconds, for whoever wants to know that supervisord is alive, and
// shows how a listener looks in Go:
//
//	go build heartbeat.go
//
//	[eventlistener:heartbeat]
//	command=/path/to/heartbeat /run/heartbeat
//	events=TICK_5
//	event_length=bytes
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0) // to standard error: standard output belongs to the protocol
	in := bufio.NewReader(os.Stdin)
	for {
		name, payload, err := next(in)
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatalf("cannot read an event: %v", err)
		}
		result := "OK"
		if err := os.WriteFile(os.Args[1], []byte(name+" "+payload+"\n"), 0o644); err != nil {
			log.Printf("cannot note the time: %v", err)
			result = "FAIL"
		}
		fmt.Printf("RESULT %d\n%s", len(result), result)
	}
}

// next says that we are ready, and waits for an event.
func next(in *bufio.Reader) (name, payload string, err error) {
	fmt.Print("READY\n")
	line, err := in.ReadString('\n')
	if err != nil {
		return "", "", err
	}
	header := map[string]string{}
	for _, word := range strings.Fields(line) {
		key, value, _ := strings.Cut(word, ":")
		header[key] = value
	}
	size, err := strconv.Atoi(header["len"])
	if err != nil {
		return "", "", err
	}
	body := make([]byte, size)
	_, err = io.ReadFull(in, body)
	return header["eventname"], string(body), err
}
