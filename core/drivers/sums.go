package drivers

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
)

// sumsFile, if it is in the plugin directory, lists the drivers that may run, as sha256sum(1) writes it.
const sumsFile = "SHA256SUMS"

// parseSums reads the checksum of each file name.
func parseSums(b []byte) (map[string]string, error) {
	sums := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sum, name, err := parseSum(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		sums[name] = sum
	}
	return sums, lines.Err()
}

func parseSum(line string) (sum, name string, err error) {
	sum, name, ok := strings.Cut(line, " ")
	raw, hexErr := hex.DecodeString(sum)
	if !ok || hexErr != nil || len(raw) != sha256.Size || len(name) < 2 || !strings.ContainsAny(name[:1], " *") {
		return "", "", fmt.Errorf("not a SHA-256 checksum, two characters and a file name")
	}
	return strings.ToLower(sum), strings.TrimPrefix(name[1:], "./"), nil
}

// fileSum is the checksum of a file, as parseSums gives it.
func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
