// Package reeve is the root of Reeve, Supervisor in Go. It holds no code: the programs are under cmd, what a guest of
// the daemon sees is package ext, and the tests here run the programs as their users do.
package reeve
