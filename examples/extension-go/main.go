// Command supervisord is the usual one with an extension more: a copy of cmd/supervisord/main.go and one blank import.
package main

import (
	"os"

	_ "example.org/supervisord/greet"

	_ "github.com/reeve-sh/reeve/extensions/cache"
	_ "github.com/reeve-sh/reeve/extensions/config"
	_ "github.com/reeve-sh/reeve/extensions/exec"
	"github.com/reeve-sh/reeve/supervisord"
)

func main() { os.Exit(supervisord.Main()) }
