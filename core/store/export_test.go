// This file lets the external tests see the table of constraints, so that none can be forgotten.
package store

import "github.com/CCI-MOC/haas/core"

// Rules are the errors of the unique constraints, by the constraint's name.
func Rules() map[string]*core.Error {
	found := map[string]*core.Error{}
	for name, r := range rules {
		found[name] = core.Errorf(r.kind, "%s", r.text)
	}
	return found
}

// MigrationText is the text of all migrations.
func MigrationText() (string, error) {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return "", err
	}
	var all []byte
	for _, f := range files {
		text, err := migrationFiles.ReadFile("migrations/" + f.Name())
		if err != nil {
			return "", err
		}
		all = append(all, text...)
	}
	return string(all), nil
}
