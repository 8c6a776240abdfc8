// Package arch holds no code: its tests are the rules of the house. Which package may import which, which calls may
// stand in one package only, what a file may look like and what is linked into each program are tables here, and a
// breach of one is a failing test that says which rule and why.
package arch
