// Command supervisord runs and watches programs.
package main

import (
	"os"

	_ "github.com/reeve-sh/reeve/extensions/cache"
	_ "github.com/reeve-sh/reeve/extensions/config"
	_ "github.com/reeve-sh/reeve/extensions/exec"
	"github.com/reeve-sh/reeve/supervisord"
)

func main() { os.Exit(supervisord.Main()) }
