package wire

import (
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

// Clean is s with bytes that are no UTF-8 replaced: protobuf refuses a whole message for one of them, and what a
// device says is not under our control.
func Clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// CleanAll is each of texts, cleaned.
func CleanAll(texts []string) []string {
	clean := make([]string, len(texts))
	for i, s := range texts {
		clean[i] = Clean(s)
	}
	return clean
}

// TargetToProto is t for the wire.
func TargetToProto(t sdk.Target) *pb.Target {
	return &pb.Target{Name: Clean(t.Name), Type: Clean(t.Type), Settings: t.Settings}
}

// TargetFromProto is p from the wire, the zero Target for nil.
func TargetFromProto(p *pb.Target) sdk.Target {
	return sdk.Target{Name: p.GetName(), Type: p.GetType(), Settings: p.GetSettings()}
}

func infoToProto(i sdk.Info, configurable bool) *pb.InfoResponse {
	p := &pb.InfoResponse{Name: Clean(i.Name), Version: Clean(i.Version), Configurable: configurable}
	for _, t := range i.Types {
		p.Types = append(p.Types, &pb.TargetType{
			Url:            Clean(t.URL),
			Title:          Clean(t.Title),
			SettingsSchema: t.Settings,
			Capabilities:   CleanAll(t.Capabilities),
		})
	}
	return p
}

func infoFromProto(p *pb.InfoResponse) sdk.Info {
	i := sdk.Info{Name: p.GetName(), Version: p.GetVersion()}
	for _, t := range p.GetTypes() {
		i.Types = append(i.Types, sdk.Type{
			URL:          t.GetUrl(),
			Title:        t.GetTitle(),
			Settings:     t.GetSettingsSchema(),
			Capabilities: t.GetCapabilities(),
		})
	}
	return i
}
