package config

import (
	"fmt"
	"strings"
)

// logHost reads what follows syslog@ in a logfile option, which is ours alone: [udp:|tcp:]host[:port]. The port is 514
// unless it is given; an IPv6 address stands in brackets.
func logHost(s string) (string, *Problem) {
	bad := refuse(fmt.Sprintf("not a valid log host: %s", quote(s)))
	network, rest := "udp", s
	for _, n := range []string{"udp", "tcp"} {
		if after, ok := strings.CutPrefix(s, n+":"); ok {
			network, rest = n, after
		}
	}
	host, port := rest, "514"
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		host, port = rest[:i], rest[i+1:]
	}
	bare, bracketed := strings.CutPrefix(host, "[")
	bare, closed := strings.CutSuffix(bare, "]")
	if bare == "" || strings.ContainsAny(bare, "[] /") || bracketed != closed || strings.Contains(bare, ":") != bracketed {
		return "", bad
	}
	if n, p := integer(port); p != nil || n < 1 || n > 65535 {
		return "", bad
	}
	return network + ":" + host + ":" + port, nil
}
