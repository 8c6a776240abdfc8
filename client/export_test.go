package client

import (
	"bufio"
	"io"
)

// ReadEvents reads a stream of events from anywhere.
func ReadEvents(r io.Reader) *EventStream { return &EventStream{io.NopCloser(r), bufio.NewReader(r)} }

func ReadExec(r io.Reader) *ExecStream { return &ExecStream{io.NopCloser(r), bufio.NewScanner(r)} }
