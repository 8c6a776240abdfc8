package ctl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/config"
)

const callName = "call"

// callCommand is ours alone.
var callCommand = command{
	name: callName,
	help: "call <ns.method> <arg> <arg>\tCall any method of supervisord's; \"call\" may be left out\n" +
		"call --json <ns.method>\t\tThe same, with the result as JSON on one line\n" +
		"help <ns.method>\t\tWhat a method does, and its arguments\n" +
		"An argument is JSON where it is that, else text: 5, true, '\"5\"', '[1, 2]', web.\n" +
		"Where a method wants text it gets it as typed. Words that do not fit its parameters\n" +
		"one by one are those of an array, where it takes one.",
	complete: completeMethods,
	run:      call,
	json:     call,
	ours:     true,
}

// call is the command "call".
func call(c *controller, ctx context.Context, arg string) error {
	return callLine(c, ctx, strings.TrimSpace("call "+arg))
}

// callLine calls the method that a line names, with or without "call" before it.
func callLine(c *controller, ctx context.Context, line string) error {
	words, err := c.wordsOf(line)
	if err != nil {
		c.complain(exitGeneric, "Error: %v", err)
		return nil
	}
	asJSON := c.options.json
	typed := words[0] != callName
	if !typed {
		words = words[1:]
		if len(words) > 0 && words[0] == "--json" {
			asJSON, words = true, words[1:]
		}
	}
	switch {
	case len(words) == 0:
		c.complain(exitGeneric, "Error: call requires a method")
		c.explainUsage(callName)
		return nil
	case typed && wordShape.MatchString(words[0]):
		c.explainMethod(ctx, words[0])
		return nil
	case !methodShape.MatchString(words[0]):
		c.complain(exitGeneric, "Error: %s is not of the form namespace.method", words[0])
		return nil
	}
	return c.callMethod(ctx, line, words[0], words[1:], asJSON, typed)
}

// callMethod calls a method and prints its result. One that does not exist is no command, if it was typed as one.
func (c *controller) callMethod(ctx context.Context, line, method string, words []string, asJSON, typed bool) error {
	d, err := c.connect()
	if err != nil {
		return err
	}
	signature, err := d.MethodSignature(ctx, method)
	var fault *client.Fault
	if err != nil && !errors.As(err, &fault) {
		return err
	}
	args, err := arguments(signature, words)
	if err != nil {
		c.complain(exitUsage, "Error: %v", err)
		return nil
	}
	value, err := d.Call(ctx, method, args...)
	if errors.As(err, &fault) {
		if typed && fault.Code == faultUnknownMethod {
			c.complain(exitGeneric, "*** Unknown syntax: %s", line)
			return nil
		}
		if asJSON {
			c.printJSON(map[string]any{"fault": map[string]any{"code": fault.Code, "text": fault.String}})
			c.outcome(fault.Code, 0)
			return nil
		}
		return c.refusalOf(method, err)
	}
	if err != nil {
		return err
	}
	if asJSON {
		c.printJSON(value)
		return nil
	}
	c.print(readable(value))
	return nil
}

func (c *controller) printJSON(v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		c.complain(exitGeneric, "Error: cannot write the result as JSON: %v", err)
		return
	}
	c.print(b.String())
}

// arguments turns words into values for a method with that signature, which may be unknown. Words that do not fit it
// one by one are those of an array: of the first parameter that can be one.
func arguments(signature, words []string) ([]any, error) {
	args := make([]any, len(words))
	fits := len(signature) == 0 || len(words) < len(signature)
	for i, word := range words {
		v, err := jsonValue([]byte(word))
		if _, isText := v.(string); err != nil || at(signature, i+1) == "string" && !isText {
			v = word
		}
		if err := sendable(v); err != nil {
			return nil, fmt.Errorf("cannot send %s: %w", word, err)
		}
		args[i] = v
		fits = fits && isKind(at(signature, i+1), v)
	}
	first := slices.IndexFunc(signature[min(1, len(signature)):], func(kind string) bool { return kind == "array" || kind == "any" })
	if fits || first < 0 || first >= len(words) {
		return args, nil
	}
	rest := []any{}
	for _, word := range words[first:] {
		rest = append(rest, word)
	}
	return append(args[:first], rest), nil
}

// isKind tells whether a value is no misfit for a parameter: an array where one is wanted, or a struct.
func isKind(kind string, v any) bool {
	_, isArray := v.([]any)
	_, isStruct := v.(map[string]any)
	return (kind != "array" || isArray) && (kind != "struct" || isStruct)
}

var errNotJSON = errors.New("it is no JSON")

// jsonValue reads JSON into the types that client.Call takes. A number with neither point nor exponent is an int.
func jsonValue(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errNotJSON
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errNotJSON
	}
	return numbers(v)
}

// numbers replaces json.Number within a value.
func numbers(v any) (_ any, err error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, errNotJSON
		}
		return f, nil
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = numbers(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// sendable says what XML-RPC has no form for.
func sendable(v any) error {
	switch v := v.(type) {
	case nil:
		return errors.New("XML-RPC has no null")
	case []any:
		for _, e := range v {
			if err := sendable(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, e := range v {
			if err := sendable(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// wordsOf splits a line as a shell does. A line that is what supervisorctl was started with keeps the words that it
// was given.
func (c *controller) wordsOf(line string) ([]string, error) {
	if a := c.options.action; len(a) > 0 && strings.TrimSpace(strings.Join(a, " ")) == line && !strings.ContainsAny(a[0], " \t") {
		return a, nil
	}
	return config.SplitCommand(line)
}
