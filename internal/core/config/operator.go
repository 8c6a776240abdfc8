package config

import (
	"fmt"
	"strings"
)

// Operator is one [user:NAME]: somebody who may ask, what shows who it is, and how much is allowed. At least one of the
// four proofs is there.
type Operator struct {
	Name        string
	HasPassword bool
	Password    string   // plain, {SHA} and hex digits, or a bcrypt hash
	Token       string   // {SHA256} and hex digits of the SHA-256 of the token
	Certificate string   // a name in the client's certificate
	UID         int      // of who is at the other end of a unix socket; -1 for nobody
	Role        string   // read, operate or admin
	Groups      []string // that operate is limited to; nil for all
}

// Limits bound what the clients of one server may take.
type Limits struct {
	Connections   int
	HeaderBytes   int64
	BodyBytes     int64
	HeaderTimeout int // seconds
	BodyTimeout   int // seconds
}

// operators reads [user:NAME].
func (r *reader) operators() *Problem {
	for _, section := range r.ini.Sections {
		name, matches := strings.CutPrefix(section.Name, "user:")
		if !matches {
			continue
		}
		v := r.values(section)
		u := Operator{Name: name, UID: -1}
		if name == "" || strings.ContainsAny(name, ": \t") {
			v.refuse("", fmt.Sprintf("[%s] is no name for a user: it takes one without blanks and colons", section.Name))
		}
		u.Password, u.HasPassword = v.text("password")
		u.Token = get(v, "token", "", tokenHash)
		u.Certificate, _ = v.text("certificate")
		u.UID = get(v, "uid", -1, func(s string) (int, *Problem) { return user(r.world, s) })
		u.Role = get(v, "role", "read", roleName)
		if groups, found := v.text("groups"); found {
			u.Groups = append([]string{}, list(groups)...)
		}
		if !u.HasPassword && u.Token == "" && u.Certificate == "" && u.UID < 0 {
			v.refuse("", fmt.Sprintf("[%s] has none of password, token, certificate and uid: nobody could be this user", section.Name))
		}
		if v.p != nil {
			return v.p
		}
		r.cfg.Operators = append(r.cfg.Operators, u)
	}
	return nil
}

func roleName(s string) (string, *Problem) {
	switch s = lower(strip(s)); s {
	case "read", "operate", "admin":
		return s, nil
	}
	return "", refuse(fmt.Sprintf("role %s is none of read, operate and admin", quote(s)))
}

func tokenHash(s string) (string, *Problem) {
	digits, ok := strings.CutPrefix(strip(s), "{SHA256}")
	if !ok || len(digits) != 64 || strings.Trim(lower(digits), "0123456789abcdef") != "" {
		return "", refuse("a token stands here as {SHA256} and 64 hex digits; supervisorctl passwd --token makes one")
	}
	return lower(digits), nil
}

// access reads what a server asks of its clients beyond a password, and what they may take.
func (v *values) access(s *Server) {
	if uids, found := v.text("allow_uids"); found && s.Unix {
		s.AllowUIDs = []int{}
		for _, who := range list(uids) {
			uid, p := user(v.r.world, who)
			if p != nil {
				v.refuse("allow_uids", p.Text)
				return
			}
			s.AllowUIDs = append(s.AllowUIDs, uid)
		}
	}
	if hosts, found := v.text("allowed_hosts"); found && !s.Unix {
		for _, h := range list(hosts) {
			s.AllowedHosts = append(s.AllowedHosts, lower(h))
		}
	}
	s.MetricsOpen = get(v, "metrics_open", false, boolean)
	s.Limits = Limits{
		Connections: get(v, "max_connections", 1024, atLeastOne(integer)), HeaderBytes: get(v, "max_header_bytes", 64<<10, atLeastOne(byteSize)),
		BodyBytes: get(v, "max_body_bytes", 16<<20, atLeastOne(byteSize)), HeaderTimeout: get(v, "header_timeout", 30, atLeastOne(integer)),
		BodyTimeout: get(v, "body_timeout", 60, atLeastOne(integer)),
	}
}

// atLeastOne refuses a limit that would let nobody in.
func atLeastOne[T int | int64](read func(string) (T, *Problem)) func(string) (T, *Problem) {
	return func(s string) (T, *Problem) {
		n, p := read(s)
		if p == nil && n < 1 {
			return 0, refuse(fmt.Sprintf("%s is below lower bound (1)", quote(s)))
		}
		return n, p
	}
}

// tls reads the files of a server that is to encrypt. The names are made absolute; whether the files are there is seen
// when the server is opened.
func (v *values) tls(s *Server) {
	path := func(key string) string {
		p, found := v.text(key)
		if !found || v.p != nil {
			return ""
		}
		return normalize(v.r.world, strip(p))
	}
	v.names.own = []name{text("here", v.r.cfg.Here)}
	s.Certfile, s.Keyfile, s.ClientCA = path("certfile"), path("keyfile"), path("client_ca")
	v.names.own = nil
	if v.p != nil {
		return
	}
	if o, found := v.raw("certfile"); found {
		s.TLSAt = (&Problem{File: o.File, Line: o.Line}).Where()
	}
	if (s.Certfile == "") != (s.Keyfile == "") {
		v.refuse("certfile", fmt.Sprintf("section [%s] has only one of certfile and keyfile", v.section.Name))
	}
	if s.ClientCA != "" && s.Certfile == "" {
		v.refuse("client_ca", fmt.Sprintf("section [%s] has a client_ca and no certfile: certificates are for TLS only", v.section.Name))
	}
}

// Exposed is whether other machines may reach the server.
func (s *Server) Exposed() bool {
	return !s.Unix && s.Host != "localhost" && s.Host != "::1" && s.Host != "[::1]" && !strings.HasPrefix(s.Host, "127.")
}

// Unguarded are the servers that let everybody in whom the network lets through.
func (c *Config) Unguarded() []string {
	var out []string
	for i := range c.Servers {
		if s := &c.Servers[i]; s.Username == "" && len(c.Operators) == 0 && s.Exposed() {
			out = append(out, s.Section)
		}
	}
	return out
}
