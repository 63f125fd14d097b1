package cli

import (
	"github.com/dustin/go-humanize"

	"github.com/CCI-MOC/haas/openapi/client"
)

func printImages(t *table, found client.HeadnodeImages) {
	t.row("IMAGE", "SIZE", "CHECKSUM", "DESCRIPTION")
	for _, i := range found.Images {
		t.row(i.Name, sizeOf(i), or(i.Checksum), describe(i))
	}
	if found.Error != nil {
		t.row("the host was not asked: " + *found.Error)
	}
}

// sizeOf is the size of an image for people.
func sizeOf(i client.HeadnodeImage) string {
	if i.Size == nil || *i.Size <= 0 {
		return "-"
	}
	return humanize.IBytes(uint64(*i.Size))
}

func describe(i client.HeadnodeImage) string {
	if i.Available != nil && !*i.Available {
		return "missing: the host does not have it"
	}
	return or(i.Description)
}
