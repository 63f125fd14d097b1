package console

import (
	"context"
	"fmt"

	"github.com/CCI-MOC/haas/sdk"
)

// gainPrivilege enters Dialect.Enable unless the prompt says that everything is allowed already.
func (s *Session) gainPrivilege(ctx context.Context) error {
	d := &s.config.Dialect
	if s.last().level == d.Privileged {
		return nil
	}
	if d.Enable == "" {
		return s.unprivileged(sdk.Refused, "the user may not change anything")
	}
	if err := s.enter(ctx, d.Enable, s.echoOf(d.Enable)); err != nil {
		return err
	}
	asking, err := s.hearAnswer(ctx, d.Enable, d.Password)
	if err != nil {
		return err
	}
	if asking {
		return s.typeEnable(ctx)
	}
	if answer := s.ear.close(); s.last().level != d.Privileged {
		return s.unprivileged(sdk.Refused, fmt.Sprintf("the device refuses more privilege (%q)", s.words(answer)))
	}
	return nil
}

// typeEnable answers the question for the enable password.
func (s *Session) typeEnable(ctx context.Context) error {
	d := &s.config.Dialect
	if s.config.Enable == "" {
		return s.unprivileged(sdk.Denied, "the device asks for a password for more privilege")
	}
	if err := s.reply(ctx, s.config.Enable.Reveal(), true); err != nil {
		return s.lost(s.running(d.Enable), "more privilege", err)
	}
	asking, err := s.hearAnswer(ctx, d.Enable, d.Password)
	if err != nil {
		return err
	}
	if s.ear.close(); asking || s.last().level != d.Privileged {
		return s.unprivileged(sdk.Denied, "the device rejected the password for more privilege")
	}
	return nil
}

// unprivileged is the error with its remedy.
func (s *Session) unprivileged(code sdk.Code, why string) error {
	return &sdk.Error{Code: code, Text: fmt.Sprintf(
		"%s: %s: set the right `enable_password`, or give the user full privilege on the device", s.loggingIn(), why)}
}
