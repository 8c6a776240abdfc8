package listener

// SerialsAt is a counter in the middle of its life.
func SerialsAt(next uint64) *Serials { return &Serials{next} }
