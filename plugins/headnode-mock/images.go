package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
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

// size is that of every mock image.
const size = 8 << 30

// checksumOf is made of an image's name, for it has no content.
func checksumOf(name string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(name))) }

func describe(names []string) []headnode.Image {
	images := make([]headnode.Image, 0, len(names))
	for _, n := range names {
		images = append(images, headnode.Image{Name: n, Description: "mock image " + n, Size: size, Checksum: checksumOf(n)})
	}
	return images
}
