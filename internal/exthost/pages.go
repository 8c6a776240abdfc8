package exthost

import (
	"net/http"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/service"
)

// Page is what the guest of that name shows, if it shows anything.
func (g *Guests) Page(name string) (*service.Page, bool) {
	for _, p := range g.Pages() {
		if p.Name == name {
			return &p, true
		}
	}
	return nil, false
}

// Pages are the pages of all guests, in their order.
func (g *Guests) Pages() []service.Page {
	var out []service.Page
	for _, one := range g.guests() {
		pages, ok := one.ext.(ext.Pages)
		if !ok || one.out.Load() {
			continue
		}
		var page ext.Page
		if one.fence("Page", func() { page = pages.Page() }) == nil {
			out = append(out, service.Page{
				Name: one.conf.Name, Title: page.Title, Access: accesses[page.Access], Handler: one.serve(pages),
			})
		}
	}
	return out
}

// serve answers a request behind the guest's fence.
func (o *guest) serve(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(o.caller(r.Context()))
		if o.fence("ServeHTTP", func() { h.ServeHTTP(w, r) }) != nil {
			http.Error(w, "the extension has ended", http.StatusInternalServerError)
		}
	})
}
