package obmtest

import "github.com/CCI-MOC/haas/sdk/internal/conformance"

// Failures runs the kit on a recorder; see conformance.Failures.
func Failures(t conformance.T, s Subject) map[string][]string {
	return conformance.Failures(t.Context(), checks(), newBench(t, s))
}
