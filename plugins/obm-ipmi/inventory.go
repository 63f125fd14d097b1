package main

import (
	"context"
	"strings"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk/obm"
)

// system is the name of the FRU device that every controller has: the one it is on.
const system = "system"

// Inventory reads the FRU devices of the controller.
func (s *session) Inventory(ctx context.Context) ([]obm.Part, error) {
	ctx, cancel := context.WithTimeout(ctx, thorough)
	defer cancel()
	var parts []obm.Part
	err := s.ask(ctx, "inventory", func(ctx context.Context, c *client.Client) error {
		parts = nil
		for id, name := range s.devices(ctx, c) {
			fru, err := c.GetFRU(ctx, id, name)
			if isSilence(err) || ended(err) {
				return err
			}
			if err != nil { // one that is empty or garbled is no reason to lose the others
				s.log.Debug("device has no inventory", "address", s.settings.address(), "device", name, "err", err)
				continue
			}
			parts = append(parts, partsOf(name, fru)...)
		}
		return nil
	})
	return parts, err
}

// devices gives the controller's FRU devices, the system first.
func (s *session) devices(ctx context.Context, c *client.Client) func(yield func(id uint8, name string) bool) {
	return func(yield func(id uint8, name string) bool) {
		if !yield(0, system) {
			return
		}
		records, err := c.GetSDRsRaw(ctx, types.SDRRecordTypeFRUDeviceLocator)
		if err != nil {
			s.log.Debug("controller lists no devices", "address", s.settings.address(), "err", err)
		}
		for _, r := range records {
			d := r.FRUDeviceLocator
			if d.Location() != types.FRULocation_MgmtController || d.AccessLUN != 0 || d.FRUDeviceID_SlaveAddress == 0 {
				continue
			}
			if !yield(d.FRUDeviceID_SlaveAddress, text(d.DeviceIDBytes)) {
				return
			}
		}
	}
}

// partsOf are what a device says of itself, of the board it is on, and of the chassis around it.
func partsOf(name string, fru *types.FRU) (parts []obm.Part) {
	if p := fru.ProductInfoArea; p != nil {
		parts = append(parts, obm.Part{
			Name: name, Manufacturer: text(p.Manufacturer), Product: text(p.Name), PartNumber: text(p.PartModel),
			Serial: text(p.SerialNumber), Version: text(p.Version), AssetTag: text(p.AssetTag),
		})
	}
	if b := fru.BoardInfoArea; b != nil {
		parts = append(parts, obm.Part{
			Name: name + " board", Manufacturer: text(b.Manufacturer), Product: text(b.ProductName), PartNumber: text(b.PartNumber),
			Serial: text(b.SerialNumber),
		})
	}
	if c := fru.ChassisInfoArea; c != nil {
		parts = append(parts, obm.Part{Name: name + " chassis", PartNumber: text(c.PartNumber), Serial: text(c.SerialNumber)})
	}
	return parts
}

// text is what a controller calls something, without the blanks and zeros that fill its field.
func text(b []byte) string { return strings.Trim(string(b), " \x00") }
