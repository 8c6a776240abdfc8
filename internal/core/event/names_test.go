package event_test

import (
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/event"
)

func TestNamesListEverythingOnceAndFamiliesFirst(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range event.Names() {
		family := name[:max(strings.LastIndex(name, "_"), 0)]
		if seen[name] || !event.Known(name) || event.Known(family) && !seen[family] {
			t.Errorf("%s is out of place", name)
		}
		seen[name] = true
	}
	if len(seen) != int(event.Types)+7 { // EVENT and six families
		t.Errorf("%d names", len(seen))
	}
}
