package service

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

const (
	// maxKeys is how many SSH keys a headnode may be given, and maxKey how long each may be, in bytes: the largest are of RSA.
	maxKeys, maxKey = 100, 16 << 10
	// maxUserData is in bytes.
	maxUserData = 64 << 10
)

// HeadnodeSeed is what the user gives a headnode to find at its first boot.
type HeadnodeSeed struct {
	SSHKeys  []string
	UserData sdk.Secret
}

// row is the seed as it is kept, of keys that were checked. The zero value says that there is none.
func (s HeadnodeSeed) row() (core.HeadnodeSeed, error) {
	keys, err := checkKeys(s.SSHKeys)
	if err != nil {
		return core.HeadnodeSeed{}, err
	}
	return core.HeadnodeSeed{SSHKeys: strings.Join(keys, "\n"), UserData: s.UserData.Reveal()}, checkUserData(s.UserData.Reveal())
}

// checkKeys are the keys without blanks around them. What is no public key may be a private one, so no error repeats it.
func checkKeys(keys []string) ([]string, error) {
	if len(keys) > maxKeys {
		return nil, core.FieldErrorf(core.BadArgument, "ssh_keys", "there are %d keys; give at most %d", len(keys), maxKeys)
	}
	var good []string
	for i, key := range keys {
		key = strings.TrimSpace(key)
		if problem := keyProblem(key); problem != "" {
			return nil, core.FieldErrorf(core.BadArgument, fmt.Sprintf("ssh_keys[%d]", i), "%s", problem)
		}
		good = append(good, key)
	}
	return good, nil
}

// keyProblem says what is wrong with a key and what would be right, empty if nothing is.
func keyProblem(key string) string {
	const remedy = "; give the one line of a public key file, such as id_ed25519.pub"
	if strings.Contains(key, "PRIVATE KEY") {
		return "is a private key, which must stay secret" + remedy
	}
	if strings.ContainsAny(key, "\r\n") {
		return "has several lines" + remedy
	}
	if len(key) > maxKey {
		return fmt.Sprintf("is longer than %d bytes"+remedy, maxKey)
	}
	parsed, _, options, _, err := ssh.ParseAuthorizedKey([]byte(key))
	if err != nil {
		return "is not an OpenSSH public key of a known type" + remedy
	}
	if _, certificate := parsed.(*ssh.Certificate); certificate {
		return "is a certificate" + remedy
	}
	if len(options) > 0 || !strings.HasPrefix(key, parsed.Type()) {
		return "must begin with the type of the key, without options" + remedy
	}
	return ""
}

// forms are how cloud-init tells by the beginning of user data what they are.
func forms() []string {
	return []string{
		"#cloud-config", "#!", "#include", "#cloud-boothook", "#part-handler", "## template: jinja",
		"Content-Type: multipart/", "MIME-Version:",
	}
}

// checkUserData looks at no more than size and form. The text may hold secrets, so no error repeats it.
func checkUserData(text string) error {
	if len(text) > maxUserData {
		return core.FieldErrorf(core.BadArgument, "user_data",
			"is %d bytes long; at most %d are taken: let it fetch the rest from elsewhere, as #include does", len(text), maxUserData)
	}
	if text == "" {
		return nil
	}
	for _, form := range forms() {
		if len(text) >= len(form) && strings.EqualFold(text[:len(form)], form) {
			return nil
		}
	}
	return core.FieldErrorf(core.BadArgument, "user_data",
		"is in no form that cloud-init takes; its first line must begin with one of: %s", strings.Join(forms(), ", "))
}

// createHeadnode adds a headnode, and its seed if it has one.
func (s *Service) createHeadnode(ctx context.Context, h core.Headnode, seed core.HeadnodeSeed) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if err := s.roomForHeadnode(ctx, q, h.ProjectID); err != nil {
			return err
		}
		if err := q.CreateHeadnode(ctx, h); err != nil || seed == (core.HeadnodeSeed{}) {
			return err
		}
		made, err := q.Headnode(ctx, h.Label)
		if err != nil {
			return err
		}
		seed.HeadnodeID = made.ID
		return q.CreateSeed(ctx, seed)
	})
}

// seedOf is a headnode's seed as its driver wants it, nil if it has none.
func seedOf(ctx context.Context, q store.Queries, h core.Headnode) (*headnode.Seed, error) {
	kept, err := q.Seed(ctx, h.ID)
	if core.KindOf(err) == core.NotFound {
		return nil, nil //nolint:nilnil // most headnodes have none.
	}
	if err != nil {
		return nil, err
	}
	seed := &headnode.Seed{Hostname: core.Hostname(h.Label), UserData: sdk.Secret(kept.UserData)}
	if kept.SSHKeys != "" {
		seed.SSHKeys = strings.Split(kept.SSHKeys, "\n")
	}
	return seed, nil
}

// sow makes a machine, with its seed if there is one. A driver that knows no seeds makes none.
func sow(ctx context.Context, host headnode.Session, spec headnode.Spec, seed *headnode.Seed) error {
	if seed == nil {
		return host.Create(ctx, spec)
	}
	var err error = &sdk.Error{Code: sdk.Unsupported}
	if v, ok := host.(headnode.Seeder); ok {
		err = v.CreateSeeded(ctx, spec, *seed)
	}
	if sdk.CodeOf(err) == sdk.Unsupported {
		return &sdk.Error{Code: sdk.Unsupported, Text: "the host's driver cannot give a headnode ssh_keys and user_data;" +
			" delete the headnode, and create it without them"}
	}
	return err
}
