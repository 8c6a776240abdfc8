package rpc2

import (
	"context"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// call is one method being called. Its getters read arguments as Supervisor's methods do; the first that fails is
// kept in err, and the rest answer zero values, so that a method checks once.
type call struct {
	f    *Face
	ctx  context.Context
	long context.Context // ctx, and it ends when the client hangs up
	form service.Form    // of what a guest answers
	args []any
	err  error
}

// waiting is the context of a call that may take long: it ends when the client hangs up.
func (c *call) waiting(wait bool) context.Context {
	if wait {
		return c.long
	}
	return c.ctx
}

func (c *call) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *call) arg(i int) any {
	if i < len(c.args) {
		return c.args[i]
	}
	return nil
}

// name is an argument that must be a string; anything else is an internal error (RPC-006).
func (c *call) name(i int) string {
	s, ok := c.arg(i).(string)
	if !ok {
		c.fail(errInternal)
	}
	return s
}

// key is an argument that is only looked up: a value that is no string is a name that nobody has, and one that
// cannot be looked up at all is a wrong parameter.
func (c *call) key(i int) string {
	switch v := c.arg(i).(type) {
	case []any, xmlrpc.Struct:
		c.fail(fault.New(fault.IncorrectParameters, ""))
		return ""
	case xmlrpc.Nil:
		c.fail(fault.New(fault.BadName, ""))
		return ""
	default:
		return text(v)
	}
}

// number is an integer argument: a fraction is cut off, a boolean counts, digits in a string are read (HTTP-008).
func (c *call) number(i int) int64 {
	switch v := c.arg(i).(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	case bool:
		if v {
			return 1
		}
		return 0
	case string:
		n, err := config.Integer(v)
		if err != nil {
			c.fail(errInternal)
		}
		return int64(n)
	}
	c.fail(fault.New(fault.IncorrectParameters, ""))
	return 0
}

// flag is an optional boolean that is true when left out. Any value has a truth.
func (c *call) flag(i int) bool {
	switch v := c.arg(i).(type) {
	case nil:
		return true
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case xmlrpc.Struct:
		return len(v) > 0
	case xmlrpc.Nil:
		return false
	}
	return true
}

// signal is a signal argument, by name or number.
func (c *call) signal(i int) string {
	switch v := c.arg(i).(type) {
	case string, int64, bool:
		if b, ok := v.(bool); ok {
			return strconv.Itoa(map[bool]int{false: 0, true: 1}[b])
		}
		return text(v)
	case float64:
		return strconv.FormatInt(int64(v), 10)
	}
	c.fail(errInternal)
	return ""
}

// text is a value as Supervisor's messages show it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".einf") {
			s += ".0"
		}
		return s
	case xmlrpc.Nil, nil:
		return "None"
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = repr(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case xmlrpc.Struct:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = repr(m.Name) + ": " + repr(m.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return ""
}

func repr(v any) string {
	if s, ok := v.(string); ok {
		return config.Quote(s)
	}
	return text(v)
}
