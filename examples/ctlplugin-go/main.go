// Command supervisorctl is Reeve's, with a command of our own:
//
//	[ctlplugin:hello]
//	supervisor.ctl_factory = example.hello:make
//	greeting = Good day
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/ext/command"
	"github.com/reeve-sh/reeve/supervisorctl"
)

func main() { os.Exit(supervisorctl.Main()) }

func init() {
	command.Register("example.hello:make", func(s ext.Section) (command.Plugin, error) {
		return hello(s.Options["greeting"]), s.Only("greeting")
	})
}

type hello string

func (h hello) Commands() []command.Command {
	return []command.Command{{Name: "hello", Help: "hello <whom>\tGreet somebody in supervisord's name", Run: h.run}}
}

func (h hello) run(ctx context.Context, s command.Session, arg string) error {
	identity, err := s.Call(ctx, "supervisor.getIdentification")
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Stdout(), "%s, %s! This is %v.\n", h, arg, identity)
	return nil
}
