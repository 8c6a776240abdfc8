package api

// Fail counts a failure of an address.
func (s *Slow) Fail(address string) { s.failed(address) }

// Remembered is how many addresses are remembered.
func (s *Slow) Remembered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}
