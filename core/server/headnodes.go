package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
		Type: c.Headnode.Driver, Settings: "{}", Images: c.Headnode.BaseImages, Carries: c.Headnode.TrunkVLANs.Contains,
		MaxPerProject: c.Headnode.MaxPerProject, MaxHNICs: c.Headnode.MaxHNICs,
	}
	if !c.Headnode.OnLibvirt() {
		return h, nil
	}
	all := c.Headnode.Settings()
	for setting, path := range map[string]string{
		"ca_certificate": c.Headnode.TLSCA, "certificate": c.Headnode.TLSCert, "private_key": c.Headnode.TLSKey,
	} {
		if path == "" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return h, c.HeadnodeError(setting, err.Error())
		}
		all[setting] = string(text)
	}
	settings, err := json.Marshal(all)
	h.Settings = string(settings)
	return h, err
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
	if err == nil {
		err = driver.ValidateTarget(ctx, h.Target())
	}
	if e, ok := errors.AsType[*sdk.Error](err); ok && e.Code == sdk.Invalid && len(e.Fields) > 0 {
		return s.placed(e.Fields)
	}
	if err != nil {
		s.Log.Warn("headnodes cannot be started now", "type", h.Type, "err", err)
	}
	return nil
}

// placed says where the settings stand that the driver of headnodes complains of.
func (s *Server) placed(fields []sdk.FieldError) error {
	var wrong []error
	for _, f := range fields {
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
