package daemon

// ServerURL lets tests see what children are told.
var ServerURL = serverURL

// Mounts are the beginnings of all paths that have a face, and whether everybody may look at them.
func Mounts() map[string]bool {
	all := map[string]bool{}
	for _, m := range mounts {
		all[m.Prefix] = m.Open
	}
	return all
}

// Lines are the lines of chunks: take takes one, finish waits until all have been heard.
func Lines(hear func([]byte)) (take func([]byte), finish func()) {
	l := &lines{hear: hear}
	return l.take, l.finish
}
