package api

import (
	"context"
	"net/http"

	"github.com/CCI-MOC/haas/core/service"
)

// HeadnodeImages is what headnode-image-details tells.
type HeadnodeImages struct {
	Images []HeadnodeImage `json:"images" doc:"The images headnodes are made from, sorted by name."`
	Error  *string         `json:"error" doc:"Why hosts of headnodes could not be asked; null if all were." example:"connect to libvirtd at qemu:///system: connection refused"`
}

// HeadnodeImage is an image that headnodes are made from.
type HeadnodeImage struct {
	Name        string  `json:"name" doc:"Name of the image." example:"base-headnode"`
	Available   *bool   `json:"available" doc:"Whether a host has it; null if none is known to have it and one could not be asked."`
	Size        *int64  `json:"size" doc:"How many bytes the disks of a headnode made from it can hold; null if that is not known." example:"8589934592"`
	Checksum    *string `json:"checksum" doc:"What its content is known by, behind the name of the sum; null if that is not known." example:"sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"`
	Description *string `json:"description" doc:"What is in it, for people; null if that is not known." example:"Debian 12 with dnsmasq"`
}

func (s *server) headnodeImageDetails(g group) {
	query(g, operation{
		id: "headnode-image-details", method: http.MethodGet, path: "/v0/headnode_images/details", summary: "Tell of the images headnodes are made from",
		description: "All that headnode-images lists, also what the host does not have.",
	}, func(ctx context.Context, _ *struct{}) (HeadnodeImages, error) {
		found, err := s.Service.HeadnodeImageDetails(ctx)
		return imagesOf(found), err
	})
}

func imagesOf(from service.HeadnodeImages) HeadnodeImages {
	to := HeadnodeImages{Images: make([]HeadnodeImage, 0, len(from.Images)), Error: known(from.Trouble)}
	for _, i := range from.Images {
		image := HeadnodeImage{Name: i.Name, Checksum: known(i.Checksum), Description: known(i.Description)}
		if i.Available || from.Trouble == "" {
			image.Available = &i.Available
		}
		if i.Size > 0 {
			image.Size = &i.Size
		}
		to.Images = append(to.Images, image)
	}
	return to
}
