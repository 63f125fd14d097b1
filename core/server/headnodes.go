package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
)

// hostCheckDeadline bounds what the driver of headnodes may take to look at settings, for which it reaches for nothing.
const hostCheckDeadline = 10 * time.Second

// headnodeConfig is where headnodes live, as the configuration says. Files that it names are read here.
func headnodeConfig(c *config.Config) (service.HeadnodeConfig, error) {
	h := service.HeadnodeConfig{
		Type: c.Headnode.Driver, Images: c.Headnode.BaseImages, Carries: c.Headnode.TrunkVLANs.Contains,
		MaxPerProject: c.Headnode.MaxPerProject, MaxHNICs: c.Headnode.MaxHNICs,
	}
	if c.Headnode.OnLibvirt() {
		h.URI = c.Headnode.LibvirtEndpoint
	}
	all, err := headnodeSettings(c)
	if err != nil {
		return h, err
	}
	if h.Settings, err = encode(all, h.URI); err != nil {
		return h, err
	}
	for _, one := range c.Headnode.Hosts {
		settings, err := encode(all, one.URI)
		if err != nil {
			return h, err
		}
		h.Hosts = append(h.Hosts, service.HeadnodeHost{Name: one.URI, Settings: settings, Capacity: one.Capacity})
	}
	return h, nil
}

// encode are settings for the host with a URI, empty if it needs none.
func encode(settings map[string]any, uri string) (string, error) {
	all := maps.Clone(settings)
	if uri != "" {
		all["uri"] = uri
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// headnodeSettings are those of all hosts.
func headnodeSettings(c *config.Config) (map[string]any, error) {
	if !c.Headnode.OnLibvirt() {
		return map[string]any{}, nil
	}
	all := c.Headnode.Settings()
	for setting, path := range c.Headnode.Files() {
		if path == "" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, c.HeadnodeError(setting, err.Error())
		}
		all[setting] = string(text)
	}
	return all, nil
}

// checkHeadnodes asks the driver of headnodes about its settings. What the configuration says and the driver refuses is an
// error; what is missing, or a driver that is not there, is said in the log, for everything else works without.
func (s *Server) checkHeadnodes(ctx context.Context) error {
	h := s.service.Headnodes
	if !s.API || len(h.Images) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, hostCheckDeadline)
	defer cancel()
	driver, err := s.drivers.Headnode(h.Type)
	if err != nil {
		s.Log.Warn("headnodes cannot be started now", "type", h.Type, "err", err)
		return nil
	}
	var wrong []error
	for _, host := range h.All() {
		wrong = append(wrong, s.checkHost(driver.ValidateTarget(ctx, h.Target(host)), host))
	}
	return errors.Join(wrong...)
}

// checkHost is what the driver says of the settings of a host.
func (s *Server) checkHost(err error, host service.HeadnodeHost) error {
	if e, ok := errors.AsType[*sdk.Error](err); ok && e.Code == sdk.Invalid && len(e.Fields) > 0 {
		return s.placed(e.Fields, host)
	}
	if err != nil {
		s.Log.Warn("headnodes cannot be started now", "host", host.Name, "err", err)
	}
	return nil
}

// placed says where the settings of a host stand that the driver of headnodes complains of.
func (s *Server) placed(fields []sdk.FieldError, host service.HeadnodeHost) error {
	var wrong []error
	for _, f := range fields {
		if f.Field == "uri" && host.Name != "" { // one of several
			f.Text = host.Name + ": " + f.Text
		}
		e := s.Config.HeadnodeError(f.Field, f.Text)
		if e.Line == 0 {
			s.Log.Warn("headnodes cannot be started", "err", e)
			continue
		}
		wrong = append(wrong, e)
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("the driver of headnodes refuses its settings: %w", errors.Join(wrong...))
}
