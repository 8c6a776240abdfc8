// Command supervisorctl asks a running supervisord for things.
package main

import (
	"os"

	"github.com/reeve-sh/reeve/internal/ctl"
)

func main() { os.Exit(ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr)) }
