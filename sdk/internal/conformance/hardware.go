package conformance

import (
	"bytes"
	"encoding/json"
	"os"

	"github.com/CCI-MOC/haas/sdk"
)

// ReadHardware reads the JSON file named by the environment variable into v. Without the variable the test is skipped.
func ReadHardware(t T, variable string, v any) {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s is not set; it names a JSON file that describes the real device to certify the driver with", variable)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %s: %v", variable, path, err)
	}
}

// Device is the part of that file that all contracts share.
type Device struct {
	Name     string          `json:"name"`
	Type     string          `json:"type"`
	Settings json.RawMessage `json:"settings"`
}

// Target is the device as calls carry it.
func (d Device) Target() sdk.Target {
	return sdk.Target{Name: d.Name, Type: d.Type, Settings: sdk.Settings(d.Settings)}
}
