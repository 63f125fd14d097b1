package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

// maxSeed is what the server takes of user data, in bytes; a file of keys is shorter.
const maxSeed = 64 << 10

// seedFlags are what a headnode finds at its first boot.
func seedFlags(f *pflag.FlagSet) {
	f.StringArray("ssh-key", nil, "a file of SSH public keys that may log in, if the image has cloud-init; may be repeated")
	f.String("user-data", "", "a file of cloud-init user data, for the headnode's first boot")
}

func createHeadnode(ctx context.Context, c *call) error {
	from := client.HeadnodeCreation{Project: c.arg("PROJECT"), BaseImg: c.arg("IMAGE")}
	files, err := c.flags.GetStringArray("ssh-key")
	if err != nil {
		return err
	}
	if keys, err := readKeys(files); err != nil {
		return err
	} else if len(keys) > 0 {
		from.SSHKeys = &keys
	}
	if file := c.text("user-data"); file != "" {
		text, err := readSeed("user data", file)
		if err != nil {
			return err
		}
		from.UserData = &text
	}
	return c.done(c.HeadnodeCreate(ctx, c.arg("HEADNODE"), from))
}

// readKeys are the keys in the files, a line each. A private key does not leave this machine.
func readKeys(files []string) ([]string, error) {
	var keys []string
	for _, file := range files {
		text, err := readSeed("SSH keys", file)
		if err != nil {
			return nil, err
		}
		if strings.Contains(text, "PRIVATE KEY") {
			return nil, fmt.Errorf("%s is a private key; give the public one, often %[1]s.pub", file)
		}
		before := len(keys)
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				keys = append(keys, line)
			}
		}
		if len(keys) == before {
			return nil, fmt.Errorf("%s has no SSH key in it", file)
		}
	}
	return keys, nil
}

func readSeed(what, file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", what, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxSeed+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", what, err)
	case len(text) > maxSeed:
		return "", fmt.Errorf("read %s: %s is longer than %d bytes", what, file, maxSeed)
	case len(text) == 0:
		return "", fmt.Errorf("read %s: %s is empty", what, file)
	}
	return string(text), nil
}
