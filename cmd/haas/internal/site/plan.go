package site

import (
	"context"
	"errors"
	"fmt"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

// Plan is what a server lacks of a site, in the order it is to be added.
type Plan struct {
	Steps []Step
}

// Step is one addition.
type Step struct {
	// What is told to people.
	What  string
	apply func(context.Context) error
}

// Compare finds out what the server lacks of the site. It changes nothing. The error lists all that contradicts the
// site, each as an *Error.
func Compare(ctx context.Context, server *remote.Server, name string, s *Site) (*Plan, error) {
	p := planner{server: server, file: name, site: s}
	for _, part := range []func(context.Context) error{p.switches, p.nodes, p.projects, p.networks} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	if len(p.conflicts) > 0 {
		return nil, errors.Join(p.conflicts...)
	}
	return &Plan{Steps: p.steps}, nil
}

// Apply adds what is missing and stops at the first failure. Run again from Compare on, it goes on from there. done is
// called after each step.
func (p *Plan) Apply(ctx context.Context, done func(Step)) error {
	for i, step := range p.Steps {
		if err := step.apply(ctx); err != nil {
			return fmt.Errorf("add %s: %w\n%d of %d changes were made; mend this, then run the import again to go on",
				step.What, err, i, len(p.Steps))
		}
		done(step)
	}
	return nil
}

// planner compares, noun by noun.
type planner struct {
	server    *remote.Server
	file      string
	site      *Site
	steps     []Step
	conflicts []error
}

func (p *planner) add(apply func(context.Context) error, format string, args ...any) {
	p.steps = append(p.steps, Step{What: fmt.Sprintf(format, args...), apply: apply})
}

func (p *planner) conflict(at Label, format string, args ...any) {
	p.conflicts = append(p.conflicts, &Error{File: p.file, Line: at.line, Text: fmt.Sprintf(format, args...)})
}
