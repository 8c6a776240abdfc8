package config

// values reads the options of one section one after the other. The first problem stays, and everything after it
// gives defaults, so that a list of reads is checked once at its end.
type values struct {
	r       *reader
	section *Section
	names   *scope
	p       *Problem
}

// values starts reading a section whose options may use the names own, beside the environment's.
func (r *reader) values(section *Section, own ...name) *values {
	return &values{r: r, section: section, names: &scope{env: r.env, own: own}}
}

// raw is an option as it stands in the file.
func (v *values) raw(key string) (Option, bool) { return v.r.ini.Get(v.section, key) }

// text is an option expanded; found is false when it is not set.
func (v *values) text(key string) (s string, found bool) {
	o, found := v.raw(key)
	if !found || v.p != nil {
		return "", false
	}
	s, p := expand(o.Value, v.names, v.section.Name+"."+key)
	if p != nil {
		v.fail(o, p)
		return "", false
	}
	return s, true
}

// fail keeps the first problem, with the place of the option that caused it.
func (v *values) fail(o Option, p *Problem) *Problem {
	if v.p == nil {
		if p.Line == 0 {
			p.File, p.Line = o.File, o.Line
		}
		if p.Line == 0 {
			p.File, p.Line = v.section.File, v.section.Line
		}
		v.p = p
	}
	return v.p
}

// refuse is a problem with an option, or with the section when the option is not there.
func (v *values) refuse(key, text string) *Problem {
	o, _ := v.raw(key)
	return v.fail(o, refuse(text))
}

// get reads one option through a converter; an option that is not set gives def.
func get[T any](v *values, key string, def T, convert func(string) (T, *Problem)) T {
	s, found := v.text(key)
	if !found {
		return def
	}
	t, p := convert(s)
	if p != nil {
		o, _ := v.raw(key)
		v.fail(o, p)
		return def
	}
	return t
}

func plain(s string) (string, *Problem) { return s, nil }
