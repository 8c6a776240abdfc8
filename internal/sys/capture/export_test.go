package capture

// Turns is how often the shards of s have woken up.
func Turns(s *Set) (n int64) {
	for _, sh := range s.shards {
		n += sh.turns.Load()
	}
	return n
}

// Streams is how many streams the shards of s know.
func Streams(s *Set) (n int) {
	for _, sh := range s.shards {
		sh.mu.Lock()
		n += len(sh.streams)
		sh.mu.Unlock()
	}
	return n
}

// Lanes is how many slow targets s writes to.
func Lanes(s *Set) int {
	s.lanesMu.Lock()
	defer s.lanesMu.Unlock()
	return len(s.lanes)
}

// Sizes the tests measure against.
const (
	Chunk      = chunk
	QueueLimit = queueLimit
	WidePipe   = widePipe
)

// Kept is what b keeps.
func (b *Bound) Kept() []byte { return b.buf }
