package sdk

import "context"

// Configurer is the optional ability of a driver to take settings of its own, those of the section with the driver's
// name in haas.cfg. Configure is called once after every launch, before anything else but Info. A key the driver
// does not know, or a value it cannot read, is an Invalid error whose Field is the key.
type Configurer interface {
	Configure(ctx context.Context, settings map[string]string) error
}
