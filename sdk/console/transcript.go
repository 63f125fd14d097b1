package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// transcript is the conversation as it is logged, at debug level.
type transcript struct {
	log     hclog.Logger
	secrets []sdk.Secret
}

// masked is text without the secrets, wherever the device repeats one.
func (t transcript) masked(text string) string {
	longFirst := slices.SortedFunc(slices.Values(t.secrets), func(a, b sdk.Secret) int {
		return cmp.Compare(len(b), len(a)) // one may be a part of the other
	})
	for _, s := range longFirst {
		if s != "" {
			text = strings.ReplaceAll(text, s.Reveal(), s.String())
		}
	}
	return text
}

func (t transcript) typed(line string) { t.log.Debug("typed", "line", t.masked(line)) }

func (t transcript) typedSecret() { t.log.Debug("typed", "line", sdk.Secret("").String()) }

func (t transcript) heard(text string) {
	if t.log.IsDebug() {
		t.log.Debug("heard", "text", t.masked(text))
	}
}
