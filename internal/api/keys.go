package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// Keys are the operators of one generation and what proves each: all servers share them. They never change, but for
// what has been verified before.
type Keys struct {
	all    []key
	byName map[string]*key
	seen   verified
}

type key struct {
	config.Operator
	role service.Role
}

// NewKeys are the keys of the operators that the configuration names.
func NewKeys(operators []config.Operator) *Keys {
	k := &Keys{byName: map[string]*key{}}
	for _, o := range operators {
		role, _ := service.RoleOf(o.Role)
		k.all = append(k.all, key{o, role})
	}
	for i := range k.all {
		k.byName[k.all[i].Name] = &k.all[i]
	}
	k.seen.fill()
	return k
}

// Any is whether there is anybody.
func (k *Keys) Any() bool { return k != nil && len(k.all) > 0 }

// byPassword finds who has that name and password. It takes as long for a name that nobody has as for a wrong password
// of the same kind.
func (k *Keys) byPassword(name, password string, shut func() bool) *key {
	if k == nil {
		return nil
	}
	one := k.byName[name]
	if one == nil || !one.HasPassword {
		k.seen.matches("nobody", password, k.typical(), shut)
		return nil
	}
	if k.seen.matches(name, password, one.Password, shut) {
		return one
	}
	return nil
}

// typical is a password that nobody gives, of the kind that operators have here.
func (k *Keys) typical() string {
	for i := range k.all {
		if isBcrypt(k.all[i].Password) {
			return k.all[i].Password
		}
	}
	return "{SHA}" + strings.Repeat("0", 2*sha1.Size)
}

// byToken finds whose token it is, by its hash: which one it is like is not told by how long that takes.
func (k *Keys) byToken(token string) *key {
	if k == nil {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	digits := []byte(hex.EncodeToString(sum[:]))
	var found *key
	for i := range k.all {
		if subtle.ConstantTimeCompare(digits, []byte(k.all[i].Token)) == 1 {
			found = &k.all[i]
		}
	}
	return found
}

// byPeer finds who is at the other end by what the connection itself proves: a certificate that was verified, or the
// uid of a unix socket.
func (k *Keys) byPeer(c net.Conn) *key {
	if k == nil || c == nil {
		return nil
	}
	if state, ok := secured(c); ok {
		if len(state.VerifiedChains) == 0 {
			return nil
		}
		leaf := state.VerifiedChains[0][0]
		return k.first(func(o *key) bool { return o.Certificate != "" && named(leaf, o.Certificate) })
	}
	uid, _, _, ok := listen.Peer(c)
	if !ok {
		return nil
	}
	if one := k.first(func(o *key) bool { return o.UID == uid }); one != nil {
		return one
	}
	if uid == 0 || uid == os.Getuid() { // who could do everything to us anyway
		return &key{config.Operator{Name: "root"}, service.Admin}
	}
	return nil
}

func (k *Keys) first(is func(*key) bool) *key {
	for i := range k.all {
		if is(&k.all[i]) {
			return &k.all[i]
		}
	}
	return nil
}

func named(c *x509.Certificate, name string) bool {
	return c.Subject.CommonName == name || slices.Contains(c.DNSNames, name) || slices.Contains(c.EmailAddresses, name)
}

// secured is what is known of a connection that is encrypted.
func secured(c net.Conn) (tls.ConnectionState, bool) {
	t, ok := c.(interface{ ConnectionState() tls.ConnectionState })
	if !ok {
		return tls.ConnectionState{}, false
	}
	return t.ConnectionState(), true
}

// basic reads the name and password of an Authorization header.
func basic(header string) (user, password string, ok bool) {
	scheme, value, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "basic") {
		return "", "", false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(plain), ":")
}

// bearer reads the token of an Authorization header.
func bearer(header string) (token string, ok bool) {
	scheme, value, _ := strings.Cut(header, " ")
	return strings.TrimSpace(value), strings.EqualFold(scheme, "bearer")
}

// same compares in a time that does not depend on where the two differ.
func same(a, b string) int {
	x, y := sha1.Sum([]byte(a)), sha1.Sum([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}

// plainly checks a password against one that is written down plain or as {SHA} and hex digits.
func plainly(password, want string) int {
	if hash, ok := strings.CutPrefix(want, "{SHA}"); ok {
		sum := sha1.Sum([]byte(password))
		want, password = hash, hex.EncodeToString(sum[:])
	}
	return same(password, want)
}

func isBcrypt(s string) bool {
	return strings.HasPrefix(s, "$2a$") || strings.HasPrefix(s, "$2b$") || strings.HasPrefix(s, "$2y$")
}

// verified remembers which slow passwords were right, by a hash whose key nobody knows, so that a client that asks a
// thousand times a second is checked once.
type verified struct {
	key   [32]byte
	slots chan struct{} // how many are checked at a time: it is slow by intent

	mu   sync.Mutex // guards what follows
	good map[[32]byte]bool
}

// mostSeen bounds what is remembered; then everything is forgotten.
const mostSeen = 1024

func (v *verified) fill() {
	_, _ = rand.Read(v.key[:]) // never fails
	v.slots = make(chan struct{}, 2)
	v.good = map[[32]byte]bool{}
}

// matches checks a password against what is written down for a name. What is slow is not done for an address that was
// shut while this one waited for its turn.
func (v *verified) matches(name, password, want string, shut func() bool) bool {
	if !isBcrypt(want) {
		return plainly(password, want) == 1
	}
	m := hmac.New(sha256.New, v.key[:])
	for _, part := range []string{name, want, password} {
		m.Write([]byte(part))
		m.Write([]byte{0})
	}
	id := [32]byte(m.Sum(nil))
	v.mu.Lock()
	good := v.good[id]
	v.mu.Unlock()
	if good || !v.hashes(password, want, shut) {
		return good
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.good) >= mostSeen {
		clear(v.good)
	}
	v.good[id] = true
	return true
}

func (v *verified) hashes(password, want string, shut func() bool) bool {
	v.slots <- struct{}{}
	defer func() { <-v.slots }()
	return !shut() && bcrypt.CompareHashAndPassword([]byte(want), []byte(password)) == nil
}
