package netswitchtest

import (
	"slices"

	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

type check = conformance.Check[*rig]

// checks are the obligations, in the order of the contract. Each fails for one kind of mistake only; where a mistake
// elsewhere would hide it, it is not judged.
func checks() []check {
	return slices.Concat(
		conformance.First((*rig).subject),
		portChecks(),
		readChecks(),
		listChecks(),
		applyChecks(),
		planChecks(),
		[]check{conformance.Last((*rig).subject)},
	)
}
