package api

import (
	"context"
	"net/http"

	"github.com/CCI-MOC/haas/core/service"
)

// StatusID is the answer to a call whose work goes on in the background.
type StatusID struct {
	StatusID string `json:"status_id" doc:"Where to ask how it goes: /networking_action/<status_id>." example:"9a06bb46-9c59-4e9b-9b5d-2c3c4a3f7a58"`
}

// Plan is the answer to a call with dry_run: what the switch would be sent.
type Plan struct {
	Switch string   `json:"switch" doc:"Label of the switch." example:"sw1"`
	Port   string   `json:"port" doc:"Name of the port." example:"gi1/0/2"`
	Lines  []string `json:"lines" doc:"What the switch would be sent now, in this order; empty if it shows all of it already." example:"interface gi1/0/2,switchport mode trunk"`
}

// DryRun is the question of what a call would do, to be embedded in the inputs of operations.
type DryRun struct {
	DryRun bool `query:"dry_run" doc:"Tell what the switch would be sent, and neither send nor record anything. The switch is asked what it carries now." example:"true"`
}

func (d DryRun) only() bool { return d.DryRun }

// inBackground describes an operation that configures a port: a StatusID with its own status, or a Plan with 200.
func inBackground(op operation) operation {
	const begun, planned = "Begun.", "What the switch would be sent; nothing was sent or recorded (dry_run)."
	op.description = "Answers at once; the switch is configured in the background. Ask /networking_action/<status_id> how it went. " +
		"With dry_run it answers what the switch would be sent; only then can the switch itself be what fails."
	op.errors = deviceFailures(http.StatusNotFound, http.StatusConflict)
	op.answers = map[int]success{
		http.StatusOK: {planned, []any{Plan{}}},
		op.status:     {begun, []any{StatusID{}}},
	}
	if op.status == http.StatusOK {
		op.answers[op.status] = success{begun + " Or: " + planned, []any{StatusID{}, Plan{}}}
	}
	return op
}

// either is an answer that has one of two bodies.
type either struct {
	Status int
	Body   any
}

// change declares an operation that configures a port, and that can tell beforehand what that comes to.
func change[I interface{ only() bool }](
	g group, op operation, begin func(context.Context, *I) (string, error), plan func(context.Context, *I) (service.Plan, error),
) {
	register(g, inBackground(op), func(ctx context.Context, in *I) (*either, error) {
		if (*in).only() {
			p, err := plan(ctx, in)
			return &either{http.StatusOK, Plan{Switch: p.Switch, Port: p.Port, Lines: list(p.Lines)}}, err
		}
		id, err := begin(ctx, in)
		return &either{op.status, StatusID{id}}, err
	})
}
