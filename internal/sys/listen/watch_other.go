//go:build !linux

package listen

import "errors"

// Watch is not to be had here: a socket that was removed stays away until the next restart.
type Watch struct{}

// NewWatch says so.
func NewWatch() (*Watch, error) {
	return nil, errors.New("nobody tells about removed files on this system")
}

// Add does nothing.
func (*Watch) Add(string) error { return nil }

// Wait is never called.
func (*Watch) Wait() error { return errors.ErrUnsupported }

// Close does nothing.
func (*Watch) Close() error { return nil }
