package service

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// HeadnodeImages are the base images headnodes may be made from, with what is known of them.
type HeadnodeImages struct {
	Images []HeadnodeImage
	// Trouble says why hosts could not be asked, empty if all were.
	Trouble string
}

// HeadnodeImage is a base image as the first host that has it describes it. Only the name is known of one that no host has.
type HeadnodeImage struct {
	headnode.Image
	Available bool
}

// HeadnodeImageDetails tells of the base images headnodes may be made from, sorted by name. A host that does not answer
// leaves the names.
func (s *Service) HeadnodeImageDetails(ctx context.Context) (HeadnodeImages, error) {
	names, err := s.HeadnodeImages(ctx)
	if err != nil || len(names) == 0 {
		return HeadnodeImages{}, err
	}
	there, err := s.imagesThere(ctx)
	if err != nil && core.KindOf(err) == core.Internal {
		return HeadnodeImages{}, err
	}
	var found HeadnodeImages
	if err != nil {
		found.Trouble = err.Error()
	}
	for _, name := range slices.Compact(names) {
		i := HeadnodeImage{Image: headnode.Image{Name: name}}
		if at := slices.IndexFunc(there, func(i headnode.Image) bool { return i.Name == name }); at >= 0 {
			i = HeadnodeImage{Image: there[at], Available: true}
		}
		found.Images = append(found.Images, i)
	}
	return found, nil
}

// imagesThere are the images that hosts have, whether headnodes may be made from them or not. The error is that of hosts which
// cannot be asked.
func (s *Service) imagesThere(ctx context.Context) ([]headnode.Image, error) {
	if s.DryRun {
		return nil, core.Errorf(core.Unavailable, "hosts are not asked, for this server touches no device (dry_run)")
	}
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	hosts := s.Headnodes.All()
	there, failures := make([][]headnode.Image, len(hosts)), make([]error, len(hosts))
	var asking sync.WaitGroup
	for i, h := range hosts {
		asking.Go(func() {
			failures[i] = s.Headnodes.on(ctx, s.Drivers, h, func(ctx context.Context, host headnode.Session) (err error) {
				there[i], err = host.Images(ctx)
				return err
			})
		})
	}
	asking.Wait()
	return slices.Concat(there...), driverError("headnode", errors.Join(failures...))
}
