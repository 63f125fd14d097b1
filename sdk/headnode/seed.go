package headnode

import (
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// Seed is what a machine is told of itself at its first boot, if its image has cloud-init or the like.
type Seed struct {
	// Hostname is of small letters, digits and hyphens, at most 63.
	Hostname string
	// SSHKeys are the public keys that may log in, each as a line of authorized_keys without options.
	SSHKeys []string
	// UserData is for the machine alone, in a form that cloud-init takes; empty if there is none. It may hold secrets.
	UserData sdk.Secret
}

func seedToProto(s Seed) *pb.HeadnodeSeed {
	p := &pb.HeadnodeSeed{Hostname: wire.Clean(s.Hostname), UserData: wire.Clean(s.UserData.Reveal())}
	for _, key := range s.SSHKeys {
		p.SshKeys = append(p.SshKeys, wire.Clean(key))
	}
	return p
}

func seedFromProto(p *pb.HeadnodeSeed) Seed {
	return Seed{Hostname: p.GetHostname(), SSHKeys: p.GetSshKeys(), UserData: sdk.Secret(p.GetUserData())}
}
