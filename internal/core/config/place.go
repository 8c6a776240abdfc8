package config

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// expandUser replaces a leading ~ or ~name by the home directory; an unknown user is left as written.
func expandUser(w World, p string) string {
	if !strings.HasPrefix(p, "~") {
		return p
	}
	who, rest := p[1:], ""
	if i := strings.IndexByte(p, '/'); i > 0 {
		who, rest = p[1:i], p[i:]
	}
	home, found := w.Home(who)
	if !found {
		return p
	}
	if whole := strings.TrimRight(home, "/") + rest; whole != "" {
		return whole
	}
	return "/"
}

// normalize is the absolute, clean form of a path that may begin with ~. Two slashes at its start stay two, which POSIX
// leaves to the system and Python therefore keeps.
func normalize(w World, p string) string {
	p = expandUser(w, p)
	clean := w.Abs(p)
	if strings.HasPrefix(p, "//") && !strings.HasPrefix(p, "///") && !strings.HasPrefix(clean, "//") {
		return "/" + clean
	}
	return clean
}

func existingDirectory(w World, s string) (string, *Problem) {
	p := expandUser(w, s)
	if !w.IsDir(p) {
		return "", refuse(s + " is not an existing directory")
	}
	return p, nil
}

func existingDirpath(w World, s string) (string, *Problem) {
	p := expandUser(w, s)
	if dir := dirname(p); dir != "" && !w.IsDir(dir) {
		return "", refuse(fmt.Sprintf("The directory named as part of the path %s does not exist", s))
	}
	return p, nil
}

// dirname is everything before the last slash, as Python cuts it; empty when there is no slash.
func dirname(p string) string {
	head := p[:strings.LastIndexByte(p, '/')+1]
	if trimmed := strings.TrimRight(head, "/"); trimmed != "" {
		return trimmed
	}
	return head
}

// join puts p below dir unless p is absolute already. It does not clean: the message shows the path so (CFG-055).
func join(dir, p string) string {
	switch {
	case path.IsAbs(p):
		return p
	case dir == "" || strings.HasSuffix(dir, "/"):
		return dir + p
	}
	return dir + "/" + p
}

// account spells a user or group in the one way in which World is asked: a number without blanks and signs, else the
// name as it is.
func account(s string) (spelled string, numeric bool) {
	if n, ok := number(s, 10); ok {
		return n.decimal, true
	}
	return s, false
}

func user(w World, s string) (uid int, p *Problem) {
	who, numeric := account(s)
	uid, _, found := w.User(who)
	switch {
	case found:
		return uid, nil
	case numeric:
		return 0, refuse("Invalid user id " + s)
	}
	return 0, refuse("Invalid user name " + s)
}

// userGroup reads "user" or "user:group"; the gid is -1 when no group is given. ok is false when either is unknown.
func userGroup(w World, s string) (uid, gid int, ok bool) {
	who, group, both := strings.Cut(s, ":")
	uid, p := user(w, who)
	if p != nil {
		return 0, 0, false
	}
	if !both {
		return uid, -1, true
	}
	spelled, _ := account(group)
	gid, ok = w.Group(spelled)
	return uid, gid, ok
}

// portNumber reads a number from 1 to 65535.
func portNumber(s string) (int, *Problem) {
	n, ok := number(s, 10)
	switch {
	case !ok:
		return 0, badInteger(s)
	case n.n <= 0:
		return 0, refuse(n.decimal + " is below lower bound (1)")
	case n.n > 65535:
		return 0, refuse(n.decimal + " is above upper bound (65535)")
	}
	return int(n.n), nil
}

// inetAddress reads "port", "host:port", ":port" or "*:port" (CFG-067).
func inetAddress(s string) (host string, port int, p *Problem) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		if port, p = portNumber(s); p != nil {
			return "", 0, refuse(fmt.Sprintf("not a valid port number: %s ", quote(s)))
		}
		return "", port, nil
	}
	host, digits := s[:i], s[i+1:]
	if digits == "" {
		return "", 0, refuse("no port number specified in " + quote(digits))
	}
	if port, p = portNumber(digits); p != nil {
		return "", 0, p
	}
	host = lower(host)
	if host == "*" {
		host = ""
	}
	return host, port, nil
}

// fcgiSocket reads the address of a FastCGI socket (CFG-095). Odd as they look, the texts with a bracket are
// Supervisor's.
func fcgiSocket(w World, s string) (Socket, *Problem) {
	if p, unix := strings.CutPrefix(s, "unix://"); unix {
		if !path.IsAbs(p) {
			return Socket{}, refuse(fmt.Sprintf("('Unix socket path %%s is not an absolute path', %s)", quote(p)))
		}
		p = normalize(w, p)
		return Socket{URL: "unix://" + p, Path: p, Mode: 0o700, UID: -1, GID: -1}, nil
	}
	bad := refuse(fmt.Sprintf("('Bad socket format %%s', %s)", quote(s)))
	address, tcp := strings.CutPrefix(s, "tcp://")
	i := strings.IndexByte(address, ':')
	if !tcp || i < 1 || strings.IndexFunc(address[:i], isSpace) >= 0 {
		return Socket{}, bad
	}
	digits := strings.TrimSuffix(address[i+1:], "\n")
	if digits == "" || strings.IndexFunc(digits, func(r rune) bool { return digit(r) < 0 }) >= 0 {
		return Socket{}, bad
	}
	port, p := portNumber(digits)
	if p != nil {
		return Socket{}, p
	}
	host := lower(address[:i])
	return Socket{URL: "tcp://" + host + ":" + strconv.Itoa(port), Host: host, Port: port, UID: -1, GID: -1}, nil
}
