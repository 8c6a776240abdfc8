package usage

// Remembered is how many processes are known from the last sample.
func (s *Sampler) Remembered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}
