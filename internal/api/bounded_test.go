package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
)

// TestGuessesFromManyAddressesTakeNoMoreMemory.
func TestGuessesFromManyAddressesTakeNoMoreMemory(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	s := api.NewSlow(func() time.Time { return now })
	most := 0
	for n := range 20_000 {
		s.Fail(fmt.Sprint("address ", n))
		most = max(most, s.Remembered())
	}
	if most > 4096 || s.Remembered() < 1000 {
		t.Errorf("%d were remembered, %d at the end", most, s.Remembered())
	}
	now = now.Add(time.Hour)
	for n := range 4096 {
		s.Fail(fmt.Sprint("late ", n))
	}
	if s.Remembered() > 4096 {
		t.Errorf("%d are remembered", s.Remembered())
	}
}
