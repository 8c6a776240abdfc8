package ext

import "context"

// Caller is who called a method or asked for a page.
type Caller struct {
	Name    string // the user's, empty when no name was asked for
	Address string // where from: an address, or "unix socket"
}

type callerKey struct{}

// WithCaller says in ctx who is asking. The host does so; tests of a guest may.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf is who is asking; the zero Caller is the daemon itself.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
