package kernel

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// CredFor is what a child needs to become uid: nil when that is who we are already. refused is Supervisor's sentence
// for a user that cannot be taken (PROC-037); the supplementary groups are exactly those of the group database,
// behind the primary one.
func CredFor(uid int) (c *Cred, refused string) {
	if uid < 0 {
		return nil, ""
	}
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return nil, fmt.Sprintf("Can't find uid %d", uid)
	}
	if os.Getuid() == uid {
		return nil, ""
	}
	if os.Getuid() != 0 {
		return nil, "Can't drop privilege as nonroot user"
	}
	gid, _ := strconv.Atoi(u.Gid)
	c = &Cred{UID: uid, GID: gid, Groups: []int{gid}}
	ids, _ := u.GroupIds()
	for _, id := range ids {
		if g, err := strconv.Atoi(id); err == nil && g != gid {
			c.Groups = append(c.Groups, g)
		}
	}
	return c, ""
}

// Drop makes the whole process that user for good. The answer is empty, or Supervisor's sentence (CFG-063).
func Drop(uid int) string {
	c, refused := CredFor(uid)
	if refused != "" || c == nil {
		return refused
	}
	return take(c)
}

// SetUmask sets the process's own umask and returns the old one. Only start-up may call it: it holds for every
// goroutine.
func SetUmask(mask int) int { return syscall.Umask(mask) }
