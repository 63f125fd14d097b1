// A program cannot be imported, so its tests are inside.

package main

import "testing"

// TestADescriptionThatLooksLikeALogLine: what looks like a log line is taken out of the answer, and then the next line
// stands behind what is left of the description. It must not be missed unnoticed.
func TestADescriptionThatLooksLikeALogLine(t *testing.T) {
	t.Parallel()
	if dialect().Noise.FindString(`description "x 01-Jan-2000 00:13:41 %LINK-I-Up:  gi1/0/5"`) == "" {
		t.Fatal("this does not look like a log line")
	}
	left := `description "x switchport mode trunk`
	if p, err := parsePort("gi1/0/1", []string{left, "switchport access vlan 10", "switchport trunk allowed vlan add 20"}); err == nil {
		t.Errorf("a trunk of VLAN 20 is read as %+v", p.State())
	}
	if _, err := parsePort("gi1/0/1", []string{`description "x y"`}); err != nil {
		t.Error(err)
	}
}
