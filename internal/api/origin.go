package api

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Foreign tells whether a browser says that a request was made by a page of somebody else. What a browser says of the
// fetch goes first: it is right behind a proxy, too. Clients that are no browsers say neither.
func Foreign(r *httpd.Request) bool {
	switch r.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
	default:
		return true
	}
	origin := r.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return true
	}
	for outside := range strings.SplitSeq(r.Get("X-Forwarded-Host"), ",") { // each proxy adds one
		if strings.EqualFold(u.Host, strings.TrimSpace(outside)) {
			return false
		}
	}
	return !strings.EqualFold(u.Host, r.Get("Host"))
}

// visit is whether a request is somebody following a link to a page of ours, which only looks. What else a stranger's
// page loads from us it does not get: it could learn from how that goes.
func visit(r *httpd.Request) bool {
	return !changes(r) && r.Get("Origin") == "" && r.Get("Sec-Fetch-Mode") == "navigate" && r.Get("Sec-Fetch-Dest") == "document"
}

// changes is whether a request may do more than look.
func changes(r *httpd.Request) bool { return r.Method != "GET" && r.Method != "HEAD" }

// browser is whether a request shows the marks of one. What only looks need not say where it comes from, and over a name
// that was made to lead here a page can leave out nearly everything; but no page can choose its Accept-Encoding, and
// all browsers have deflate in it.
func browser(r *httpd.Request) bool {
	return r.Get("Origin") != "" || r.Get("Sec-Fetch-Site") != "" ||
		!changes(r) && (r.Get("Referer") != "" || strings.Contains(strings.ToLower(r.Get("Accept-Encoding")), "deflate"))
}

// calls is what asks for the machine by whatever name the network has for it and is no page: XML-RPC, the logs as
// supervisorctl follows them, and what monitors ask for. A browser that was led here by a name that somebody else owns
// bears a mark.
func calls(r *httpd.Request) bool {
	for _, path := range []string{"/RPC2", "/logtail", "/mainlogtail", "/healthz", "/readyz", "/metrics"} {
		if strings.HasPrefix(r.Path, path) {
			return !browser(r)
		}
	}
	return false
}

// host is the name under which a request asks for us, in lower case and without the port.
func host(r *httpd.Request) string {
	h := r.Get("Host")
	if name, _, err := net.SplitHostPort(h); err == nil {
		h = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(h, "[]"), "."))
}

// knows is whether a name is ours for certain: an address, localhost, the machine's own, or one that is allowed. Any
// other may be a stranger's that was made to lead here, so that the stranger's page and we look like one.
func (g *Gate) knows(name string) bool {
	if name == "" || name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains(g.Hosts, name) {
		return true
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}
