package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// version is the first segment of the API's paths, which callers may leave out.
const version = "v0"

// target is where a request goes: the segments of a path, unescaped.
type target []string

// resolve finds out what a caller asks for who wrote the escaped path raw. It takes every spelling that clients of
// HaaS and HIL use: with and without /v0, with slashes too many in front, escaped or not, and slashes within the names
// of ports. ok is false if no such path can exist.
func resolve(method, raw string) (t target, ok bool) {
	rest, versioned := strings.CutPrefix(trimSlashes(raw), version+"/")
	segments, ok := split(openFirst(trimSlashes(rest)))
	if !ok {
		return nil, false
	}
	if !versioned && outside(segments[0]) {
		return segments, true
	}
	return append(target{version}, respell(method, segments)...), true
}

// outside reports whether paths that begin like this stand beside the API, not under /v0.
func outside(first string) bool {
	switch first {
	case "console", "console-files", "vnc", "vnc-files", "docs", "healthz", "readyz", "openapi.json", "openapi.yaml", "openapi-3.0.json", "openapi-3.0.yaml":
		return true
	default:
		return false
	}
}

// trimSlashes removes all slashes in front, also escaped ones: the first "haas" command sent them.
func trimSlashes(s string) string {
	for {
		switch {
		case strings.HasPrefix(s, "/"):
			s = s[1:]
		case strings.HasPrefix(s, "%2F"), strings.HasPrefix(s, "%2f"):
			s = s[3:]
		default:
			return s
		}
	}
}

// openFirst unescapes the slashes of the first segment, which is a noun and never a name: the first "haas" command
// sent /%2Fauth%2Fbasic%2Fuser/bob.
func openFirst(s string) string {
	first, rest, found := strings.Cut(s, "/")
	first = strings.NewReplacer("%2F", "/", "%2f", "/").Replace(first)
	if !found {
		return first
	}
	return first + "/" + rest
}

// split cuts a path and unescapes its segments. An empty segment, as behind a trailing slash, makes the path unknown;
// only the list of images was always served with one.
func split(path string) ([]string, bool) {
	if path == "headnode_images/" {
		return []string{"headnode_images"}, true
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "" {
			return nil, false
		}
		segments[i] = plain
	}
	return segments, true
}

// respell turns old spellings into the documented one.
func respell(method string, s []string) []string {
	reads := method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
	switch {
	case reads && len(s) == 1 && s[0] == "free_nodes":
		return []string{"nodes", "free"}
	case reads && len(s) == 2 && s[0] == "node" && (s[1] == "all" || s[1] == "free"):
		return []string{"nodes", s[1]}
	case len(s) > 4 && s[0] == "switch" && s[2] == "port":
		return joinPort(method, s)
	default:
		return s
	}
}

// joinPort makes one segment of a port's name, up to the verb at the end.
func joinPort(method string, s []string) []string {
	end := len(s)
	if slices.Contains(portVerbs(method), s[end-1]) {
		end--
	}
	return append([]string{s[0], s[1], s[2], strings.Join(s[3:end], "/")}, s[end:]...)
}

// portVerbs are what can follow the name of a port in the path of a request.
func portVerbs(method string) []string {
	switch method {
	case http.MethodPost:
		return []string{"connect_nic", "detach_nic", "revert"}
	case http.MethodGet, http.MethodHead:
		return []string{"state"}
	case http.MethodOptions:
		return append(portVerbs(http.MethodPost), portVerbs(http.MethodGet)...)
	default:
		return nil
	}
}

// url is the target as the mux must see it: each name one segment, and nothing for the mux to clean, for then it would
// answer with a redirection.
func (t target) url(old *url.URL) *url.URL {
	u := *old
	u.Path = "/" + strings.Join(t, "/")
	u.RawPath = ""
	for _, s := range t {
		u.RawPath += "/" + escape(s)
	}
	return &u
}

func escape(segment string) string {
	if segment == "." || segment == ".." {
		return strings.ReplaceAll(segment, ".", "%2E")
	}
	return url.PathEscape(segment)
}
