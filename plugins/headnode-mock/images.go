package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// parseImages reads a list of names, divided by commas, and sorts it.
func parseImages(images *[]string, text string) error {
	var names []string
	for part := range strings.SplitSeq(text, ",") {
		name := strings.TrimSpace(part)
		if name == "" {
			return errors.New("must be a list of image names, divided by commas")
		}
		names = append(names, name)
	}
	slices.Sort(names)
	*images = slices.Compact(names)
	return nil
}

func describe(names []string) []headnode.Image {
	images := make([]headnode.Image, 0, len(names))
	for _, n := range names {
		images = append(images, headnode.Image{Name: n, Description: "mock image " + n})
	}
	return images
}
