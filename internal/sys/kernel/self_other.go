//go:build !linux

package kernel

import "os"

// ourselves is the file we run from, or empty when that cannot be told.
func ourselves() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	return self
}
