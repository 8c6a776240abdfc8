// Command pidproxy runs a command and passes signals on to its pid file's process.
package main

import (
	"os"

	"github.com/reeve-sh/reeve/internal/pidproxy"
)

func main() { os.Exit(pidproxy.Main(os.Args, os.Stdout)) }
