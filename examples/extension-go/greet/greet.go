// Package greet is an extension in Go: one method.
//
//	[rpcinterface:hello]
//	supervisor.rpcinterface_factory = greet:make
//	word = Hello
package greet

import "github.com/reeve-sh/reeve/ext"

func init() {
	ext.Register("greet:make", func(s ext.Section) (ext.Extension, error) {
		return &greeter{s.Options["word"]}, s.Only("word")
	})
}

type greeter struct{ word string }

func (g *greeter) Init(ext.Host) error { return nil }
func (g *greeter) Close() error        { return nil }

// Methods is the table of the namespace.
func (g *greeter) Methods() []ext.Method {
	return ext.MustTable(g, map[string]ext.Doc{
		"Greet": {Help: "Greet somebody.", Params: []string{"name: who"}, Access: ext.Read},
	})
}

// Greet greets.
func (g *greeter) Greet(name string) (string, error) {
	if name == "" {
		return "", ext.Refuse(ext.BadArguments, "nobody to greet")
	}
	return g.word + " " + name, nil
}
