package config

import (
	"fmt"
	"strings"
)

// servers reads [inet_http_server*] and then [unix_http_server*] (CFG-066).
func (r *reader) servers() *Problem {
	for _, kind := range []struct {
		prefix string
		read   func(*values, *Server)
	}{{"inet_http_server", r.inetServer}, {"unix_http_server", r.unixServer}} {
		for _, section := range r.ini.Sections {
			if !strings.HasPrefix(section.Name, kind.prefix) {
				continue
			}
			s := Server{Section: section.Name, UID: -1, GID: -1}
			v := r.values(section)
			kind.read(v, &s)
			if v.p == nil {
				v.access(&s)
			}
			if v.p != nil {
				return v.p
			}
			r.cfg.Servers = append(r.cfg.Servers, s)
		}
	}
	return nil
}

// credentials reads username and password, which come together or not at all (CFG-070).
func (v *values) credentials(s *Server) {
	user, hasUser := v.text("username")
	password, hasPassword := v.text("password")
	if v.p == nil && hasUser != hasPassword {
		v.refuse("username", fmt.Sprintf("Section [%s] contains incomplete authentication: If a username or a "+
			"password is specified, both the username and password must be specified", v.section.Name))
	}
	s.HasAuth, s.Username, s.Password = hasUser && hasPassword, user, password
}

func (r *reader) inetServer(v *values, s *Server) {
	v.credentials(s)
	address, found := v.text("port")
	if v.p != nil {
		return
	}
	if !found {
		v.refuse("", fmt.Sprintf("section [%s] has no port value", v.section.Name))
		return
	}
	host, port, p := inetAddress(address)
	if p != nil {
		o, _ := v.raw("port")
		v.fail(o, p)
		return
	}
	s.Host, s.Port = host, port
	v.tls(s)
}

func (r *reader) unixServer(v *values, s *Server) {
	s.Unix, s.Chmod = true, 0o700
	v.names.own = []name{text("here", r.cfg.Here)}
	file, found := v.text("file")
	if v.p == nil && !found {
		v.refuse("", fmt.Sprintf("section [%s] has no file value", v.section.Name))
	}
	if v.p != nil {
		return
	}
	v.names.own = nil
	s.Path = normalize(r.world, strip(file))
	v.credentials(s)
	if owner, found := v.text("chown"); found {
		var ok bool
		if s.UID, s.GID, ok = userGroup(r.world, owner); !ok {
			v.refuse("chown", "Invalid sockchown value "+owner)
		}
	}
	if mode, found := v.text("chmod"); found {
		var p *Problem
		if s.Chmod, p = octal(mode); p != nil {
			v.refuse("chmod", "Invalid chmod value "+mode)
		}
	}
}
