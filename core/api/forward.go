package api

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// forwardedHeader marks a request that another server has passed on, so that it is not passed on again.
const forwardedHeader = "X-Haas-Forwarded"

// between is how servers reach each other. What they pass on has credentials, so it goes through no proxy of the environment.
var between = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	return t
}()

// forward passes a request on to the server at an address, which the database names, with the caller's credentials: that
// server decides for itself what the caller may do.
func (s *server) forward(address string) (func(huma.Context), error) {
	to, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read the address of another server: %w", err)
	}
	proxy := &httputil.ReverseProxy{
		Transport:     between,
		FlushInterval: -1,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.Header.Set(forwardedHeader, "1")
			// The browser's words about its page were judged here; the other server has another name.
			p.Out.Header.Del("Origin")
			p.Out.Header.Del("Sec-Fetch-Site")
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			s.Log.Warn("pass a request on", "to", to.Redacted(), "request", requestOf(r.Context()).id, "err", err)
			write(w, unavailable("the server that has the console open cannot be reached now; try again"))
		},
	}
	return func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		proxy.ServeHTTP(w, r)
	}, nil
}
