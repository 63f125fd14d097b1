package console

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// End is why a viewer's console ended. Retry says that watching it again may work.
type End struct {
	Reason string
	Retry  bool
}

var (
	errShutDown     error = core.Errorf(core.Unavailable, "the server is being stopped; try again")
	errChangedHands error = core.Errorf(core.Unavailable, "the machine has just changed hands, or its console was closed; try again")
	// changedHands ends the viewers of a node that has got another owner.
	changedHands = End{Reason: "the node has changed hands"}
)

// ask asks whether a viewer may go on. A database that does not answer must not keep others from being asked.
func ask(ctx context.Context, allowed func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	return allowed(ctx)
}

// refuses reports that a viewer may not go on, which an answer that could not be had does not say.
func refuses(err error) bool {
	return err != nil && (core.KindOf(err) == core.Unauthorized || core.KindOf(err) == core.NotFound)
}

// ElsewhereError says that another server has the console open.
type ElsewhereError struct {
	// Of is the machine: "node n1".
	Of string
	// Address is where that server can be reached, empty if nobody said.
	Address string
}

// Error says what would help.
func (e *ElsewhereError) Error() string {
	text := "the console of " + e.Of + " is open on another server"
	if e.Address == "" {
		return text + "; set advertise under [server] on every server, and any of them will do"
	}
	return text + ", " + e.Address
}

// Unwrap makes it a *core.Error for those who cannot go there.
func (e *ElsewhereError) Unwrap() error { return core.Errorf(core.Blocked, "%s", e.Error()) }

// elsewhere is an ElsewhereError if another living server has the console.
func (h *Hub) elsewhere(ctx context.Context, of subject, c core.Console) error {
	if c.Server == "" || c.Server == h.server {
		return nil
	}
	s, alive, err := h.Store.LivingConsoleServer(ctx, c.Server)
	if err != nil || !alive {
		return err
	}
	return &ElsewhereError{Of: of.String(), Address: s.Address}
}
