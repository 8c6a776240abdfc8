package stdio

import (
	"context"
	"errors"
)

// Ready tells whether the guest of a section can be called, and if not, why.
func (h *House) Ready(section string) (bool, string) {
	_, err := h.speaker(section)
	if err != nil {
		return false, err.Error()
	}
	return true, ""
}

// Probe asks the guest of a section something and waits for its answer. A refusal is a *jsonrpc.Error.
func (h *House) Probe(ctx context.Context, section, method string, params []byte) error {
	l, err := h.speaker(section)
	if err != nil {
		return err
	}
	_, err = l.request(ctx, method, params)
	return err
}

// Tell sends the guest of a section a notification.
func (h *House) Tell(section, method string, params []byte) {
	if l, err := h.speaker(section); err == nil {
		_ = l.notify(method, params)
	}
}

func (h *House) speaker(section string) (*life, error) {
	h.mu.Lock()
	g := h.guests[section]
	h.mu.Unlock()
	if g == nil {
		return nil, errors.New("there is no extension of that section")
	}
	return g.speaker()
}
