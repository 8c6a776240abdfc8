package api

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// Slow makes whoever fails to say who it is wait: the more failures an address has had, the longer, one after the
// other. Nobody else waits. Somebody with the right password at the same address does not either, as long as it does not
// guess at many at once: then nothing is compared, or the one that is not refused would be the right one.
type Slow struct {
	now func() time.Time

	mu sync.Mutex // guards what follows
	at map[string]*failures
}

// failures are what is remembered of one address.
type failures struct {
	n    int
	last time.Time
	free time.Time // when the next failure may be answered
}

const (
	free      = 5                // failures that cost nothing: people mistype
	forgetful = time.Minute      // without a failure, and all is forgotten
	firstWait = time.Second / 10 // of the first failure that costs something; it doubles
	mostWait  = 2 * time.Second  // between two answers to one address
	patience  = 10 * time.Second // a client that would wait longer is not answered at all
	mostTold  = 4096             // addresses that are remembered
)

// NewSlow remembers nobody yet.
func NewSlow(now func() time.Time) *Slow { return &Slow{now: now, at: map[string]*failures{}} }

// failed counts one and says how long its answer has to wait; ok is false when that would be too long.
func (s *Slow) failed(who string) (wait time.Duration, ok bool) {
	if s == nil || who == "" {
		return 0, true
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.at[who]
	if f == nil || now.Sub(f.last) > forgetful {
		if len(s.at) >= mostTold {
			s.forget(now)
		}
		f = &failures{}
		s.at[who] = f
	}
	f.n++
	f.last = now
	if f.n <= free {
		return 0, true
	}
	if f.free.Before(now) {
		f.free = now
	}
	next := f.free.Add(min(firstWait<<min(f.n-free-1, 10), mostWait))
	if wait = next.Sub(now); wait > patience {
		return 0, false
	}
	f.free = next
	return wait, true
}

// shut is whether one more failure of an address would have to wait for too long.
func (s *Slow) shut(who string) bool {
	if s == nil || who == "" {
		return false
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.at[who]
	return f != nil && f.n > free && now.Sub(f.last) <= forgetful && f.free.Sub(now) > patience-mostWait
}

// forget drops who has been quiet, and everybody when that makes no room.
func (s *Slow) forget(now time.Time) {
	for who, f := range s.at {
		if now.Sub(f.last) > forgetful {
			delete(s.at, who)
		}
	}
	if len(s.at) >= mostTold {
		clear(s.at)
	}
}

// address is what failures are counted by: the machine, not the connection. Whoever has one address of IPv6 has all of
// the same 64 bits. At a unix socket it is the account.
func address(c net.Conn) string {
	if c == nil || c.RemoteAddr() == nil {
		return ""
	}
	if uid, _, _, ok := listen.Peer(c); ok {
		return "uid " + strconv.Itoa(uid)
	}
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return "unix socket"
	}
	if at.Addr().Is4() {
		return at.Addr().String()
	}
	network, _ := at.Addr().WithZone("").Prefix(64)
	return network.String()
}

// sleep waits, unless ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
