package power

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/CCI-MOC/haas/core/store"
)

const (
	// gathering is how long answers are gathered before they are written: a sweep must not keep other writers waiting.
	gathering = 100 * time.Millisecond
	// mostTogether is how many answers are written in one transaction, which keeps it short.
	mostTogether = 200
	// writeTimeout bounds one transaction; with a database that does not come back, the claims run out.
	writeTimeout = 10 * time.Second
	// longestText is how many bytes of an error are kept; a driver may have more to say.
	longestText = 1000
)

// record writes answers until there are no more, also while the server is being stopped.
func (s *Sweeper) record(ctx context.Context) {
	for first := range s.told {
		s.write(ctx, s.gather(first))
	}
}

// gather adds to an answer those that come soon after.
func (s *Sweeper) gather(first store.PowerOutcome) []store.PowerOutcome {
	batch := []store.PowerOutcome{first}
	soon := time.NewTimer(gathering)
	defer soon.Stop()
	for len(batch) < mostTogether {
		select {
		case o, ok := <-s.told:
			if !ok {
				return batch
			}
			batch = append(batch, o)
		case <-soon.C:
			return batch
		}
	}
	return batch
}

func (s *Sweeper) write(ctx context.Context, batch []store.PowerOutcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.SettlePowers(ctx, batch) })
	if err != nil {
		s.Log.Warn("answers are lost; the nodes are asked again", "nodes", len(batch), "err", err)
	}
}

// plain is a text that every database takes, cut where it goes on for too long.
func plain(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", " "), "\uFFFD")
	if len(text) <= longestText {
		return text
	}
	cut := longestText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
