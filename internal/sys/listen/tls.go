package listen

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// TLSOptions are the files of a server that encrypts. They are looked at whenever somebody connects, and read again when
// they have changed; connections that are open stay as they are.
type TLSOptions struct {
	Certfile, Keyfile string
	ClientCA          string // empty asks for no certificates of clients
	Now               func() time.Time
	// Failed is told when changed files cannot be read, once for each change; the old ones serve.
	Failed func(error)
}

// shaking is how long a client may take to agree on the encryption.
const shaking = 30 * time.Second

// TLS makes a listener encrypt, with TLS 1.2 or later. An error names the file that cannot be used.
func TLS(l net.Listener, o TLSOptions) (net.Listener, error) {
	k := &keyring{o: o}
	k.stamp = k.stamps() // first: what changes while it is read is read again
	if err := k.read(); err != nil {
		return nil, err
	}
	return &secure{l, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return k.current(), nil },
	}, o.Now}, nil
}

// keyring is what the files hold, as last read.
type keyring struct {
	o TLSOptions

	mu    sync.Mutex // guards what follows
	conf  *tls.Config
	stamp string // of the files when they were last looked at
}

// current is the configuration for the next client.
func (k *keyring) current() *tls.Config {
	k.mu.Lock()
	defer k.mu.Unlock()
	if stamp := k.stamps(); stamp != k.stamp {
		k.stamp = stamp
		if err := k.read(); err != nil && k.o.Failed != nil {
			k.o.Failed(err)
		}
	}
	return k.conf
}

// stamps tells whether a file has been written or replaced.
func (k *keyring) stamps() string {
	s := ""
	for _, path := range []string{k.o.Certfile, k.o.Keyfile, k.o.ClientCA} {
		if info, err := os.Stat(path); err == nil {
			s += fmt.Sprintf("%d.%d.%v;", info.ModTime().UnixNano(), info.Size(), idOf(info))
		}
	}
	return s
}

// read takes the files in, or leaves everything as it was.
func (k *keyring) read() error {
	pair, err := tls.LoadX509KeyPair(k.o.Certfile, k.o.Keyfile)
	if err != nil {
		return fmt.Errorf("cannot use certfile %q with keyfile %q: %w", k.o.Certfile, k.o.Keyfile, err)
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}
	if k.o.ClientCA != "" {
		text, err := os.ReadFile(k.o.ClientCA)
		if err != nil {
			return fmt.Errorf("cannot use client_ca: %w", err)
		}
		conf.ClientCAs = x509.NewCertPool()
		if !conf.ClientCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("cannot use client_ca %q: there is no certificate in it", k.o.ClientCA)
		}
		conf.ClientAuth = tls.VerifyClientCertIfGiven
	}
	k.conf = conf
	return nil
}

// secure is a listener whose connections encrypt.
type secure struct {
	net.Listener
	conf *tls.Config
	now  func() time.Time
}

// Accept does not wait for the client's part: that is done by whoever reads first.
func (s *secure) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &secureConn{Conn: tls.Server(c, s.conf), now: s.now}, nil
}

// secureConn agrees with the client at the first read, within a bound.
type secureConn struct {
	*tls.Conn
	now    func() time.Time
	once   sync.Once
	failed error
}

// Read answers a client that does not encrypt in words that it understands.
func (c *secureConn) Read(p []byte) (int, error) {
	c.once.Do(func() {
		c.Conn.SetDeadline(c.now().Add(shaking))
		c.failed = c.Conn.Handshake()
		c.Conn.SetDeadline(time.Time{})
		var plain tls.RecordHeaderError
		if errors.As(c.failed, &plain) && plain.Conn != nil {
			const text = "cannot answer: this port speaks HTTPS\n"
			plain.Conn.SetWriteDeadline(c.now().Add(time.Second))
			fmt.Fprintf(plain.Conn, "HTTP/1.0 400 This port speaks HTTPS\r\nContent-Type: text/plain;charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
		}
	})
	if c.failed != nil {
		return 0, io.EOF
	}
	return c.Conn.Read(p)
}
