package ctl

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

var passwdCommand = command{
	name: "passwd",
	ours: true,
	help: "passwd\t\t\tHash a password for the password of a [user:x]; it is asked for, or read from\n" +
		"\t\t\tstdin when that is no terminal\n" +
		"passwd --token\t\tMake a token: the first line is for the client, the second for the\n" +
		"\t\t\ttoken of a [user:x]",
	run: func(c *controller, ctx context.Context, arg string) error {
		switch arg {
		case "":
			return c.hashPassword(ctx)
		case "--token":
			c.makeToken()
			return nil
		}
		c.complain(exitGeneric, "Error: passwd accepts --token or nothing")
		c.explainUsage("passwd")
		return nil
	},
}

// longestPassword is how many bytes of a password bcrypt looks at.
const longestPassword = 72

// hashPassword prints the bcrypt hash of a password, and nothing else on stdout.
func (c *controller) hashPassword(ctx context.Context) error {
	password, err := c.newPassword(ctx)
	if err != nil {
		return err
	}
	if password == "" || len(password) > longestPassword {
		c.complain(exitGeneric, "Error: cannot hash that: a password has 1 to %d bytes, and this one has %d", longestPassword, len(password))
		return nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("cannot hash the password: %w", err)
	}
	c.say("%s", hash)
	return nil
}

// newPassword asks for a password twice on a terminal, and reads one line elsewhere.
func (c *controller) newPassword(ctx context.Context) (string, error) {
	if c.editor == nil && !c.in.onTerminal() {
		return c.in.read(ctx)
	}
	password, err := c.askPassword(ctx, "Password:")
	if err != nil {
		return "", err
	}
	again, err := c.askPassword(ctx, "Again:")
	if err == nil && again != password {
		c.complain(exitGeneric, "Error: these are two passwords")
		return "", errSaid
	}
	return password, err
}

// makeToken prints a new token and the hash that a configuration has of it.
func (c *controller) makeToken() {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	sum := sha256.Sum256([]byte(token))
	c.say("%s", token)
	c.say("{SHA256}%s", hex.EncodeToString(sum[:]))
}
