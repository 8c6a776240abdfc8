package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strconv"
	"sync"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

//go:embed static
var statics embed.FS

// staticHash is in the links to all files, so that a browser may keep them as long as they are the same.
var staticHash = sync.OnceValue(func() string {
	h := sha256.New()
	list, _ := statics.ReadDir("static")
	for _, e := range list {
		text, _ := statics.ReadFile("static/" + e.Name())
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
})

var kinds = map[string]string{
	".css": "text/css;charset=utf-8", ".js": "text/javascript;charset=utf-8", ".svg": "image/svg+xml",
}

// static answers with a file that is built in.
func static(r *httpd.Request, name string) *httpd.Response {
	text, err := statics.ReadFile("static/" + name)
	kind := kinds[path.Ext(name)]
	if err != nil || kind == "" {
		return httpd.Refuse(404)
	}
	tag := `"` + staticHash() + `"`
	keep := []httpd.Field{{Name: "ETag", Value: tag}, {Name: "Cache-Control", Value: "max-age=86400"}}
	if r.Get("If-None-Match") == tag {
		return &httpd.Response{Status: 304, Header: keep}
	}
	return &httpd.Response{Status: 200, Body: text, Header: append(append([]httpd.Field{
		{Name: "Content-Type", Value: kind}, {Name: "Content-Length", Value: strconv.Itoa(len(text))},
	}, keep...), guards...)}
}
