package conformance

import (
	"context"
	"io"
	"path/filepath"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	// canary stands where a secret could stand, in settings that are wrong on purpose.
	canary = "canary-in-the-settings"
	// unknownSetting is a member no driver knows.
	unknownSetting = "haas_no_such_setting"
)

// Subject is what the kits of all contracts know of a driver under test.
type Subject struct {
	Driver interface {
		Info(ctx context.Context) (sdk.Info, error)
		ValidateTarget(ctx context.Context, target sdk.Target) error
	}
	// Open is the driver's Open.
	Open func(ctx context.Context, target sdk.Target) (io.Closer, error)
	// Target is a device the driver can reach.
	Target sdk.Target
	// Binary is the path of the driver's program, "" if it runs in this process.
	Binary string
	// Witness hears the driver.
	Witness *Witness
}

// First are the checks that fit every contract; a kit runs them before its own.
func First[R any](of func(R) *Subject) []Check[R] {
	on := func(run func(T, *Subject)) func(T, R) { return func(t T, r R) { run(t, of(r)) } }
	return []Check[R]{
		{"Info is complete", on(infoIsComplete)},
		{"Info marks secrets as writeOnly", on(infoMarksSecrets)},
		{"ValidateTarget takes good settings", on(takesGoodSettings)},
		{"ValidateTarget names an unknown setting", on(namesUnknownSetting)},
		{"ValidateTarget names a missing setting", on(namesMissingSetting)},
		{"ValidateTarget names a setting of the wrong type", on(namesWrongType)},
	}
}

// Last is the check that looks back at what all others heard.
func Last[R any](of func(R) *Subject) Check[R] {
	return Check[R]{"No secret is shown", func(t T, r R) { noSecretIsShown(t, of(r)) }}
}

func infoIsComplete(t T, s *Subject) {
	info, err := s.Driver.Info(t.Context())
	if err != nil {
		t.Fatalf("Info: %v", err)
	}
	if info.Name == "" || info.Version == "" || len(info.Types) == 0 {
		t.Errorf("Info: name %q, version %q and %d types; want all of them", info.Name, info.Version, len(info.Types))
	}
	if name := filepath.Base(s.Binary); s.Binary != "" && info.Name != name {
		t.Errorf("Info: the name is %q, want that of the program, %q", info.Name, name)
	}
	for _, typ := range info.Types {
		typeIsComplete(t, typ)
	}
}

func typeIsComplete(t T, typ sdk.Type) {
	if typ.URL == "" || typ.Title == "" {
		t.Errorf("Info: a type has the URL %q and the title %q; want both", typ.URL, typ.Title)
	}
	if _, err := compile(typ.Settings); err != nil {
		t.Errorf("Info: the settings of %s are no JSON Schema: %v", typ.URL, err)
		return
	}
	if parsed, err := parseSchema(typ.Settings); err != nil || parsed.Type != "object" {
		t.Errorf(`Info: the settings schema of %s must have the type "object"`, typ.URL)
	}
}

func infoMarksSecrets(t T, s *Subject) {
	parsed := s.schema(t)
	for _, name := range parsed.names() {
		if soundsSecret(name) && !parsed.Properties[name].WriteOnly {
			t.Errorf(`the setting %q sounds like a secret; mark it "writeOnly": true`, name)
		}
	}
}

// Has reports whether the target's type has the capability.
func (s *Subject) Has(t T, capability string) bool {
	t.Helper()
	return slices.Contains(s.targetType(t).Capabilities, capability)
}

// targetType is the target's type. Without Info the check is not judged: Info is complete says why.
func (s *Subject) targetType(t T) sdk.Type {
	t.Helper()
	info, err := s.Driver.Info(t.Context())
	if err != nil {
		t.Skipf("not judged before Info is complete")
	}
	i := slices.IndexFunc(info.Types, func(typ sdk.Type) bool { return typ.URL == s.Target.Type })
	if i < 0 {
		t.Fatalf("the kit's target has the type %q, which the driver does not serve", s.Target.Type)
	}
	return info.Types[i]
}

// schema is the settings schema of the target's type. Without one the check is not judged either.
func (s *Subject) schema(t T) schema {
	t.Helper()
	parsed, err := parseSchema(s.targetType(t).Settings)
	if err != nil {
		t.Skipf("not judged before Info is complete")
	}
	return parsed
}

func takesGoodSettings(t T, s *Subject) {
	NoError(t, "ValidateTarget", s.Driver.ValidateTarget(t.Context(), s.Target))
}

func namesUnknownSetting(t T, s *Subject) {
	s.wantComplaint(t, unknownSetting, canary)
}

func namesMissingSetting(t T, s *Subject) {
	parsed := s.schema(t)
	if len(parsed.Required) == 0 {
		t.Skipf("the schema requires no setting")
	}
	for _, name := range parsed.Required {
		s.wantComplaint(t, name, nil)
	}
}

func namesWrongType(t T, s *Subject) {
	parsed := s.schema(t)
	for _, name := range parsed.names() {
		if wrong := wrongValue(parsed.Properties[name]); wrong != nil {
			s.wantComplaint(t, name, wrong)
		}
	}
}

// wrongValue is of a type the property does not allow, nil if the kit cannot tell.
func wrongValue(p property) any {
	switch p.Type {
	case "string":
		return []string{canary}
	case "integer", "number", "boolean", "array", "object":
		return canary
	default:
		return nil
	}
}

// wantComplaint wants an Invalid error that names the setting, if it has value.
func (s *Subject) wantComplaint(t T, name string, value any) {
	t.Helper()
	s.Witness.Keep(canary)
	settings, err := with(s.Target.Settings, name, value)
	if err != nil {
		t.Fatalf("%v", err)
	}
	target := s.Target
	target.Settings = settings
	err = s.Driver.ValidateTarget(t.Context(), target)
	WantCode(t, "ValidateTarget with a wrong "+name, err, sdk.Invalid)
	e, ok := sdkError(err)
	if ok && !slices.ContainsFunc(e.Fields, func(f sdk.FieldError) bool { return f.Field == name }) {
		t.Errorf("ValidateTarget with a wrong %s: no complaint in Fields names it", name)
	}
}

func noSecretIsShown(t T, s *Subject) {
	parsed := s.schema(t)
	for _, secret := range secretsOf(parsed, s.Target.Settings) {
		s.Witness.Keep(secret)
	}
	s.openWithWrongSecrets(t, parsed)
	for _, leak := range s.Witness.Leaks() {
		t.Errorf("a secret was shown: %s", leak)
	}
}

// openWithWrongSecrets tempts the driver to say with which password it could not log in.
func (s *Subject) openWithWrongSecrets(t T, parsed schema) {
	s.Witness.Keep(canary)
	target := s.Target
	for _, name := range parsed.names() {
		if p := parsed.Properties[name]; p.WriteOnly && p.Type == "string" {
			target.Settings, _ = with(target.Settings, name, canary) // cannot fail: other checks did it before
		}
	}
	if session, err := s.Open(t.Context(), target); err == nil {
		_ = session.Close() // the device does not ask for the secret
	}
}
