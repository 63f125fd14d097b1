package config_test

import (
	"path/filepath"
	"testing"

	"github.com/CCI-MOC/haas/core/config"
)

// TestExamples loads every example strictly, and lets none warn.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../configs/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			c, err := config.Load(file, noEnv)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.Warnings {
				t.Error(w)
			}
		})
	}
}
