package config_test

import (
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core/config"
)

func TestParseVLANs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"14":                  "14",
		"14,35-40":            "14,35-40",
		"40 - 41 , 14":        "14,40-41",
		"1-10,5-20,21":        "1-21",
		"3,3,1":               "1,3",
		"1-4094":              "1-4094",
		"100-199,\n200,\n150": "100-200",
	} {
		if got, err := config.ParseVLANs(text); err != nil || got.String() != want {
			t.Errorf("%q gives %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestParseVLANsRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", ",", "1,", "0", "4095", "-1", "+1", "1-", "1-2-3", "40-35", "1.5", "garbage", "0x10", "99999999999999999999"} {
		if got, err := config.ParseVLANs(text); err == nil {
			t.Errorf("%q gives %q", text, got)
		}
	}
}

func TestVLANSet(t *testing.T) {
	t.Parallel()
	s, err := config.ParseVLANs("7,1-3")
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Collect(s.All()); !slices.Equal(got, []int{1, 2, 3, 7}) || s.Len() != len(got) {
		t.Errorf("ids are %v, length %d", got, s.Len())
	}
	for range s.All() {
		break
	}
	if s.Contains(0) || !s.Contains(1) || !s.Contains(3) || s.Contains(4) || !s.Contains(7) {
		t.Errorf("membership in %s is wrong", s)
	}
	var none config.VLANSet
	if none.Contains(1) || none.Len() != 0 || none.String() != "" {
		t.Errorf("the zero set is %q", none)
	}
}

// FuzzParseVLANs asks for ranges that are in bounds and apart, and for a text that reads back as the same set.
func FuzzParseVLANs(f *testing.F) {
	f.Add("14,35-40")
	f.Add("1-4094,2,3 - 4")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := config.ParseVLANs(text)
		if err != nil {
			return
		}
		end := -1
		for _, r := range s.Ranges() {
			if r.First <= end+1 || r.First < 1 || r.Last < r.First || r.Last > 4094 {
				t.Fatalf("%q gives ranges %v", text, s.Ranges())
			}
			end = r.Last
		}
		again, err := config.ParseVLANs(s.String())
		if err != nil || again.String() != s.String() || again.Len() != s.Len() {
			t.Fatalf("%q gives %q, which reads back as %q, %v", text, s, again, err)
		}
	})
}
