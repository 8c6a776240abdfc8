package config

func (r *reader) warnUnknown()           {}
func (r *reader) warnUnknownIn(_ string) {}
