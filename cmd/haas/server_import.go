package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/core/config"
)

// importer imports a site into the server that it runs in, as a client of it.
type importer struct {
	env    cli.Env
	config *config.Config
	file   string
	who    remote.Settings
	// done waits for the import; failure is to be read after it.
	done    sync.WaitGroup
	failure error
}

// newImporter finds out who imports: where passwords are asked for, only an administrator can.
func newImporter(cmd *cobra.Command, env cli.Env, c *config.Config) (*importer, error) {
	file, err := cmd.Flags().GetString("site")
	if err != nil {
		return nil, err
	}
	who, err := remote.Find(remote.DefaultEndpoint, env.Dir, env.Getenv)
	if err != nil {
		return nil, err
	}
	if file != "" && c.Auth.Backend != config.AuthNull && who.Username == "" {
		return nil, errors.New("--site needs an administrator: make one with \"haas create_admin_user NAME\", " +
			"then set HAAS_USERNAME and HAAS_PASSWORD")
	}
	return &importer{env: env, config: c, file: file, who: who}, nil
}

// start imports in the background. A site that cannot be imported stops the server: who asked for it would not notice
// otherwise.
func (i *importer) start(ctx context.Context, stop context.CancelFunc, address string) {
	if i.file == "" {
		return
	}
	i.done.Go(func() {
		err := i.run(ctx, address)
		if err != nil && ctx.Err() == nil {
			i.failure = fmt.Errorf("import %s: %w", i.file, err)
			stop()
		}
	})
}

func (i *importer) run(ctx context.Context, address string) error {
	i.who.Endpoint = urlOf(i.config, address)
	self, err := remote.Dial(i.who)
	if err != nil {
		return err
	}
	defer self.Close()
	return cli.Import(ctx, self, i.env, i.file, false)
}
