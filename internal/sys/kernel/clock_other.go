//go:build !linux

package kernel

import "github.com/reeve-sh/reeve/internal/core/proc"

// monotonic starts at one second where the system's own clock is not asked: the value never leaves this image.
func monotonic() proc.Time { return proc.Second }
