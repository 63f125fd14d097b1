package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
)

// checkDeadline bounds a driver's look at settings or a port name, which touches no device.
const checkDeadline = 10 * time.Second

// deviceDeadline bounds a call to a controller: slow ones take half a minute to log in.
const deviceDeadline = 60 * time.Second

// hostDeadline bounds a call to a host of headnodes, which may have to copy an image.
const hostDeadline = 5 * time.Minute

// DriverList tells of every driver program found.
func (s *Service) DriverList(ctx context.Context) ([]drivers.Status, error) {
	if err := auth.Check(ctx, "driver_list", auth.Nothing); err != nil {
		return nil, err
	}
	return s.Drivers.List(), nil
}

// ActiveExtensions are the names of what is loaded: the configured extensions and the drivers, sorted.
func (s *Service) ActiveExtensions(ctx context.Context) ([]string, error) {
	if err := auth.Check(ctx, "active_extensions", auth.Nothing); err != nil {
		return nil, err
	}
	names := slices.Clone(s.Extensions)
	for _, d := range s.Drivers.List() {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// target is a registered device as drivers take it.
func target(name, typeURL string, settings core.Settings) sdk.Target {
	return sdk.Target{Name: name, Type: typeURL, Settings: sdk.Settings(settings)}
}

// encode is the JSON object that is stored for a device.
func (d DriverSettings) encode() (core.Settings, error) {
	if d.Settings == nil {
		return "{}", nil
	}
	text, err := json.Marshal(d.Settings)
	if err != nil {
		return "", fmt.Errorf("encode settings: %w", err)
	}
	return core.Settings(text), nil
}

// unknownType is the BadArgument error for a type URL that no driver serves; other errors pass.
func unknownType(field, device string, err error) error {
	if _, ok := errors.AsType[*drivers.UnknownTypeError](err); ok {
		return core.FieldErrorf(core.BadArgument, field, "%v", err)
	}
	return driverError(device, err)
}

// kinds maps a driver's codes to the caller's errors.
var kinds = map[sdk.Code]core.Kind{
	sdk.Internal:    core.Refused,
	sdk.Invalid:     core.BadArgument,
	sdk.NotFound:    core.Refused,
	sdk.Unsupported: core.Refused,
	sdk.Refused:     core.Refused,
	sdk.Busy:        core.Unavailable,
	sdk.Unavailable: core.Unavailable,
	sdk.Timeout:     core.Deadline,
	sdk.Denied:      core.Refused,
	sdk.Gone:        core.Unavailable,
}

// driverError turns a driver's failure into the caller's error. device is "switch", "obm" or "headnode".
func driverError(device string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &core.Error{Kind: core.Deadline, Device: device, Text: "the device did not answer in time; try again"}
	}
	if e, ok := errors.AsType[*sdk.Error](err); ok {
		return &core.Error{Kind: kinds[e.Code], Device: device, Text: e.Error()}
	}
	if e, ok := errors.AsType[*drivers.UnknownTypeError](err); ok {
		return &core.Error{Kind: core.Unavailable, Device: device, Text: e.Error()}
	}
	return err
}
