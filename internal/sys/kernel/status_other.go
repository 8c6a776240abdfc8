//go:build !linux

package kernel

// ownSignals are the names that only this system has, as far as messages know them.
var ownSignals = map[int]string{}
