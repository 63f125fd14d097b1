package remote

import "strings"

// Kind is a kind of device that is registered with the server, as the type URLs of HaaS's own drivers begin.
type Kind string

// The kinds there are.
const (
	OBM    Kind = "http://schema.massopencloud.org/haas/v0/obm/"
	Switch Kind = "http://schema.massopencloud.org/haas/v0/switches/"
)

// URL is a driver's type URL, given that or its last word.
func (k Kind) URL(name string) string {
	if strings.Contains(name, "://") {
		return name
	}
	return string(k) + name
}

// Word is the shortest name of a type URL.
func (k Kind) Word(url string) string { return strings.TrimPrefix(url, string(k)) }

// component is the part of the API's description that tells of the kind's types.
func (k Kind) component() string {
	if k == OBM {
		return "NodeOBM"
	}
	return "SwitchRegistration"
}
