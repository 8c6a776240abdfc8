// Command echo_supervisord_conf prints an annotated sample of a configuration file.
package main

import (
	"fmt"
	"os"

	"github.com/reeve-sh/reeve/internal/core/config"
)

func main() {
	if err := config.WriteSample(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cannot print the sample: "+err.Error())
		os.Exit(1)
	}
}
