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
