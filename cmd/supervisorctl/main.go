// Command supervisorctl asks a running supervisord for things.
package main

import (
	"os"

	"github.com/reeve-sh/reeve/supervisorctl"
)

func main() { os.Exit(supervisorctl.Main()) }
