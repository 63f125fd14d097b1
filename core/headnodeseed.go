package core

import "strings"

// HeadnodeSeed is what a headnode's machine is told of itself at its first boot.
type HeadnodeSeed struct {
	HeadnodeID int64 `bun:"headnode_id,pk"`
	// SSHKeys are the public keys that may log in, one in a line.
	SSHKeys string `bun:"ssh_keys"`
	// UserData is for the machine alone, and may hold secrets.
	UserData string `bun:"user_data"`
}

// maxHostname is the longest label of a domain name.
const maxHostname = 63

// Hostname makes the host name of a machine from its label: letters, digits and hyphens, in lower case.
func Hostname(label string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(label))
	name = strings.TrimLeft(name, "-")
	name = strings.TrimRight(name[:min(len(name), maxHostname)], "-")
	if name == "" {
		return "headnode"
	}
	return name
}
