// Command supervisord runs and watches programs.
package main

import (
	"os"

	"github.com/reeve-sh/reeve/internal/daemon"
)

func main() { os.Exit(daemon.Main(os.Args)) }
