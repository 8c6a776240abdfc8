package logfile

import (
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"

// CreateAuto makes a new empty log in dir, named prefix, eight random characters and ".log", with mode 0600 (LOG-020).
// The prefix is "<process>-<stdout|stderr>---<identifier>-"; rnd supplies the luck.
func CreateAuto(dir, prefix string, rnd func() uint64) (string, error) {
	for tries := 0; ; tries++ {
		name := []byte(prefix)
		luck := rnd()
		for range 8 {
			name = append(name, letters[luck%uint64(len(letters))])
			luck /= uint64(len(letters))
		}
		path := filepath.Join(dir, string(name)+".log")
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return path, f.Close()
		}
		if !os.IsExist(err) || tries == 100 {
			return "", err
		}
	}
}

// CleanAuto removes the AUTO logs that earlier lives with this identifier left in dir (LOG-021): every name that starts
// as one, so rotated files too, whatever follows. The identifier is part of a regular expression, as it is in
// Supervisor; where it does not compile it means itself. failed are the paths that could not be removed; err says that
// dir could not be read (LOG-022).
func CleanAuto(dir, identifier string) (failed []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	ours := autoNames(identifier)
	for _, e := range entries {
		if !ours.MatchString(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if syscall.Unlink(path) != nil { // not os.Remove, which takes empty directories too
			failed = append(failed, path)
		}
	}
	return failed, nil
}

// autoNames is the expression for the beginning of an AUTO log's name. What Python calls a blank is more than Go does.
func autoNames(identifier string) *regexp.Regexp {
	const tail = `-[^\s\v\x1c-\x1f\x{85}\p{Z}]+\.log`
	if re, err := regexp.Compile(`^.+?---` + identifier + tail); err == nil {
		return re
	}
	return regexp.MustCompile(`^.+?---` + regexp.QuoteMeta(identifier) + tail)
}
