package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/digitalocean/go-libvirt"
	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/sdk"
)

// is reports that libvirt answered with one of the numbers.
func is(err error, numbers ...libvirt.ErrorNumber) bool {
	e, ok := asLibvirt(err)
	return ok && slices.Contains(numbers, libvirt.ErrorNumber(e.Code))
}

// asLibvirt is what libvirt said, if it said something.
func asLibvirt(err error) (libvirt.Error, bool) { return errors.AsType[libvirt.Error](err) }

// ignore is err, unless libvirt answered with one of the numbers.
func ignore(err error, numbers ...libvirt.ErrorNumber) error {
	if is(err, numbers...) {
		return nil
	}
	return err
}

// explain is err in the words and codes of the contract; what says what was attempted, and on what.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*sdk.Error](err); ok {
		return err
	}
	if e, ok := asLibvirt(err); ok {
		return refusal(what, e)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &sdk.Error{Code: sdk.Timeout, Text: what + ": the call was given up before libvirtd answered", Retryable: true}
	case errors.Is(err, fs.ErrPermission):
		return &sdk.Error{Code: sdk.Refused, Text: what + ": the driver may not use the socket of libvirtd: " + err.Error()}
	case isLost(err):
		return unavailable(what, err)
	default:
		return &sdk.Error{Code: sdk.Internal, Text: what + ": " + err.Error()}
	}
}

// isLost reports that libvirtd cannot be talked to.
func isLost(err error) bool {
	_, network := errors.AsType[net.Error](err)
	_, beyond := errors.AsType[*ssh.OpenChannelError](err)
	return network || beyond || errors.Is(err, libvirt.ErrInterrupted) || errors.Is(err, syscall.EINVAL) || errors.Is(err, net.ErrClosed)
}

// codes are what libvirt's numbers mean; the others mean that it refuses.
var codes = map[libvirt.ErrorNumber]sdk.Code{
	libvirt.ErrNoSupport:        sdk.Unsupported,
	libvirt.ErrOperationTimeout: sdk.Busy, // somebody else changes the same machine
	libvirt.ErrResourceBusy:     sdk.Busy,
	libvirt.ErrNoDomain:         sdk.NotFound,
}

// refusal is the error for what libvirt understood and did not do.
func refusal(what string, e libvirt.Error) error {
	code, ok := codes[libvirt.ErrorNumber(e.Code)]
	if !ok {
		code = sdk.Refused
	}
	text := what + ": " + strings.TrimSpace(e.Message)
	if libvirt.ErrorNumber(e.Code) == libvirt.ErrAuthUnavailable {
		text += "; on Debian its users are in the group libvirt: usermod --append --groups libvirt USER, and log in or start the server again"
	}
	return &sdk.Error{Code: code, Text: text, Retryable: code == sdk.Busy}
}

func refused(text string) error { return &sdk.Error{Code: sdk.Refused, Text: text} }
