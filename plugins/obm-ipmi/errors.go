package main

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk"
)

// unanswered begins every error of go-ipmi 0.9.1 about an exchange without a usable answer; it has no type.
const unanswered = "IPMI LAN: "

// isSilence reports that the controller did not answer, because it cannot be reached or does not know the session.
func isSilence(err error) bool {
	if err == nil || ended(err) {
		return false
	}
	_, network := errors.AsType[net.Error](err)
	return network || strings.Contains(err.Error(), unanswered)
}

// isConfusion reports that a log-in came between another one, or read a late answer to it: the next one will not.
func isConfusion(err error) bool {
	if status, ok := errors.AsType[*types.RmcpStatusError](err); ok {
		switch status.StatusCode() {
		case types.RmcpStatusCodeInvalidSessionID, types.RmcpStatusCodeInactiveSessionID:
			return true
		default:
			return false
		}
	}
	_, said := types.IsResponseError(err)
	return !said && !isSilence(err) && !errors.Is(err, client.ErrRAKPAuthentication) && !ended(err)
}

func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// explain is err in the words and codes of the contract; what says what was attempted, and on what.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*sdk.Error](err); ok {
		return err
	}
	if response, ok := types.IsResponseError(err); ok {
		return refusal(what, response)
	}
	switch {
	case ended(err):
		return &sdk.Error{Code: sdk.Timeout, Text: what + ": the call was given up before the controller answered", Retryable: true}
	case isSilence(err):
		return &sdk.Error{Code: sdk.Unavailable, Text: what + ": the controller does not answer: " + words(err), Retryable: true}
	default:
		return &sdk.Error{Code: sdk.Internal, Text: what + ": the answer was not understood: " + err.Error()}
	}
}

// words is what the network says of a controller that does not answer; the rest is go-ipmi's inner life.
func words(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok && !e.Timeout() {
		return e.Err.Error()
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e.Error()
	}
	return "silence"
}

// codes are what a completion code means whatever the command; the others mean that the controller refuses.
var codes = map[types.CompletionCode]sdk.Code{
	types.CodeNodeBusy:                            sdk.Busy,
	types.CodeOutOfSpace:                          sdk.Busy,
	types.CodeProcessTimeout:                      sdk.Busy,
	types.CodeCannotProvideResponse:               sdk.Busy,
	types.CodeCannotProvideResponseSDRRInUpdate:   sdk.Busy,
	types.CodeCannotProvideResponseFirmwareUpdate: sdk.Busy,
	types.CodeCannotProvideResponseBMCInitialize:  sdk.Busy,
	types.CodeInvalidCommand:                      sdk.Unsupported,
	types.CodeInvalidCommandForLUN:                sdk.Unsupported,
	types.CodeSubFnDisabled:                       sdk.Unsupported,
}

// refusal is the error for a command that the controller understood and did not do.
func refusal(what string, r *types.ResponseError) error {
	code, ok := codes[r.CompletionCode()]
	if !ok {
		code = sdk.Refused
	}
	text := r.Error()
	if r.CompletionCode() == types.CodeInsufficientPrivilege {
		text = "the account may not do that: " + text
	}
	return &sdk.Error{Code: code, Text: what + ": " + text, Retryable: code == sdk.Busy}
}

// hasCode reports that the controller answered with one of the completion codes.
func hasCode(err error, codes ...types.CompletionCode) bool {
	r, ok := types.IsResponseError(err)
	if !ok {
		return false
	}
	for _, c := range codes {
		if r.CompletionCode() == c {
			return true
		}
	}
	return false
}

// explainLogIn is explain for a log-in.
func explainLogIn(what string, err error) error {
	if errors.Is(err, client.ErrRAKPAuthentication) {
		return denied(what, "the password is wrong, or there is no such user")
	}
	if status, ok := errors.AsType[*types.RmcpStatusError](err); ok {
		return explainStatus(what, status)
	}
	if _, ok := types.IsResponseError(err); ok { // to the only command of a log-in, the one that asks for the privilege
		return denied(what, "the account has less than the privilege asked for: "+err.Error())
	}
	return explain(what, err)
}

func explainStatus(what string, status *types.RmcpStatusError) error {
	switch status.StatusCode() {
	case types.RmcpStatusCodeUnauthorizedName:
		return denied(what, "there is no such user, or it may not use the network: "+status.Error())
	case types.RmcpStatusCodeInvalidIntegrityCheckValue:
		return denied(what, "the password is wrong: "+status.Error())
	case types.RmcpStatusCodeUnauthorizedRoleOfPriLevel, types.RmcpStatusCodeInvalidRole:
		return denied(what, "the account has less than the privilege asked for: "+status.Error())
	case types.RmcpStatusCodeNoResToCreateSess, types.RmcpStatusCodeNoResToCreateSessAtRole:
		return &sdk.Error{Code: sdk.Busy, Text: what + ": all sessions of the controller are in use: " + status.Error(), Retryable: true}
	default:
		return &sdk.Error{Code: sdk.Refused, Text: what + ": " + status.Error()}
	}
}

// denied is the error for credentials that the controller does not take. The SDK then leaves it alone for a while.
func denied(what, text string) error { return &sdk.Error{Code: sdk.Denied, Text: what + ": " + text} }
