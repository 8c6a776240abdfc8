package ctl

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// helper is a process of a plug-in's, which speaks JSON-RPC with us.
type helper struct {
	*peer
	cmd     *exec.Cmd
	w       *os.File // what it reads
	waiting sync.Once
	ended   error // how it ended, after wait
}

// startHelper starts cmd. pass gives the process its ends of the two pipes.
func startHelper(cmd *exec.Cmd, pass func(cmd *exec.Cmd, read, write *os.File), serve func(string, json.RawMessage) (any, error)) (*helper, error) {
	theirRead, ourWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirRead.Close()
	ourRead, theirWrite, err := os.Pipe()
	if err != nil {
		ourWrite.Close()
		return nil, err
	}
	defer theirWrite.Close()
	pass(cmd, theirRead, theirWrite)
	if err := cmd.Start(); err != nil {
		ourWrite.Close()
		ourRead.Close()
		return nil, startError(err)
	}
	h := &helper{cmd: cmd, w: ourWrite}
	h.peer = newPeer(ourRead, ourWrite, serve)
	return h, nil
}

// startError is why a process could not be started, without the repetition of its path.
func startError(err error) error {
	var path *os.PathError
	var search *exec.Error
	switch {
	case errors.As(err, &search):
		return fmt.Errorf("cannot run %q: %w", search.Name, search.Err)
	case errors.As(err, &path):
		return fmt.Errorf("cannot run %q: %w", path.Path, path.Err)
	}
	return err
}

// call asks the process. One that is gone, or that says what is no message, is waited for, and the error says how it
// ended.
func (h *helper) call(method string, params, result any) error {
	err := h.peer.call(method, params, result)
	var refused refusal
	if err == nil || errors.As(err, &refused) {
		return err
	}
	if !errors.Is(err, errPeerGone) {
		h.cmd.Process.Kill()
		h.wait()
		return err
	}
	return h.wait()
}

// An endedError says that the process ended before it answered.
type endedError struct{ state *os.ProcessState }

func (e *endedError) Error() string {
	return fmt.Sprintf("it ended with %s before it answered", e.state)
}

// wait waits for the end of the process, while what it asks is still served, and says how it ended.
func (h *helper) wait() error {
	h.waiting.Do(func() {
		<-h.over
		h.cmd.Wait()
		h.w.Close()
		h.ended = &endedError{h.cmd.ProcessState}
	})
	return h.ended
}
