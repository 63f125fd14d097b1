package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// pings is who reaches whom in a subnet, according to the machines' own ping.
func pings(ctx context.Context, machines []*machine, subnet int) (matrix, error) {
	var (
		mu   sync.Mutex // guards what is below
		m    = matrix{}
		errs []error
		all  sync.WaitGroup
	)
	for _, from := range machines {
		for _, to := range machines {
			if from == to {
				continue
			}
			all.Go(func() {
				reaches, err := from.ns.Ping(ctx, to.address(subnet))
				mu.Lock()
				defer mu.Unlock()
				m[pair{from.name, to.name}] = reaches
				errs = append(errs, err)
			})
		}
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	return m, nil
}
