package server

import (
	"context"
	"errors"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/store"
)

// Migrate makes or updates the schema of the configured database.
func Migrate(ctx context.Context, c *config.Config) error {
	return onDatabase(ctx, c, func(*store.Store) error { return nil })
}

// CreateAdmin adds an administrator to the configured database. It is how the first one comes to be.
func CreateAdmin(ctx context.Context, c *config.Config, user, password string) error {
	if err := core.CheckLabel("user", user); err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	return onDatabase(ctx, c, func(s *store.Store) error {
		return s.CreateUser(ctx, core.User{Label: user, IsAdmin: true, PasswordHash: hash})
	})
}

// onDatabase runs fn on the configured database, brought up to date.
func onDatabase(ctx context.Context, c *config.Config, fn func(*store.Store) error) error {
	s, err := store.Open(c.Database.URI.Reveal())
	if err != nil {
		return err
	}
	err = s.Migrate(ctx)
	if err == nil {
		err = fn(s)
	}
	return errors.Join(err, s.Close())
}
