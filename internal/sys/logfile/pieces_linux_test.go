package logfile_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// TestPiecesForAConsoleOfOursEndWithALine, so that another writer there, the main log say, does not come between the
// halves of one. The socket shows which bytes were written together.
func TestPiecesForAConsoleOfOursEndWithALine(t *testing.T) {
	t.Parallel()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(ends[0])
	f := open(t, fmt.Sprintf("/dev/fd/%d", ends[1]), logfile.Options{})
	syscall.Close(ends[1])
	long := strings.Repeat("x", 5000) + "\n"
	text := strings.Repeat(strings.Repeat("y", 99)+"\n", 100) + long + "short\n" + strings.Repeat("z", 4096) + "tail"
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		write(t, f, text)
	}()
	var got strings.Builder
	buf := make([]byte, 1<<16)
	for got.Len() < len(text) {
		n, err := syscall.Read(ends[0], buf)
		if err != nil || n <= 0 {
			t.Fatalf("%d, %v", n, err)
		}
		piece := string(buf[:n])
		got.WriteString(piece)
		if n > 4096 || got.Len() <= 10000 && !strings.HasSuffix(piece, "\n") {
			t.Errorf("a piece of %d bytes ends with %q", n, piece[n-1:])
		}
	}
	<-sent
	if got.String() != text {
		t.Error("not what was written")
	}
}
