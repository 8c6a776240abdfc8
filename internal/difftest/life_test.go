package difftest_test

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// lifeRole is the variable that makes the test binary a program under a daemon: its value is the program's number.
const lifeRole = "REEVE_LIFE"

// live is one life of a program, without a child of its own: it holds a lock that only one life can hold, and the
// programs with low numbers end after a while.
func live(number string) {
	n, _ := strconv.Atoi(number)
	lock, err := os.Create("lock" + number)
	if err != nil {
		os.Exit(1)
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		twice, _ := os.OpenFile("twice", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		fmt.Fprintln(twice, number)
		os.Exit(1)
	}
	if n >= 3 {
		<-time.After(time.Hour)
	}
	<-time.After(300 * time.Millisecond)
	os.Exit(n)
}
