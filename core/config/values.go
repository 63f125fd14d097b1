package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
)

// The parsers of values. An error is the rest of a sentence that begins with the key.

func text(v string) (string, error) {
	if v == "" {
		return "", errors.New("is empty; give a value or remove the key")
	}
	if strings.Contains(v, "\n") {
		return "", errors.New("continues on the next line, which is indented; write it on one line")
	}
	return v, nil
}

// boolean knows the words of Python's configparser.
func boolean(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "1", "yes", "true", "on":
		return true, nil
	case "0", "no", "false", "off":
		return false, nil
	}
	return false, fmt.Errorf("%.40q is neither true nor false", v)
}

// flag is a boolean that is on by its mere presence, as the first HaaS read [devel] dry_run.
func flag(v string) (bool, error) {
	if v == "" {
		return true, nil
	}
	return boolean(v)
}

// level knows the words of Python's logging; hclog has nothing above ERROR.
func level(v string) (hclog.Level, error) {
	switch strings.ToUpper(v) {
	case "CRITICAL", "FATAL", "ERROR":
		return hclog.Error, nil
	case "WARNING", "WARN":
		return hclog.Warn, nil
	case "INFO":
		return hclog.Info, nil
	case "DEBUG":
		return hclog.Debug, nil
	}
	return hclog.NoLevel, fmt.Errorf("%.40q is no level; write CRITICAL, ERROR, WARNING, INFO or DEBUG", v)
}

// list is separated by commas; items keep the order and lose doubles.
func list(v string) ([]string, error) {
	items := []string{}
	for item := range strings.SplitSeq(v, ",") {
		item = strings.TrimSpace(item)
		if strings.Contains(item, "\n") {
			return nil, errors.New("continues on the next line without a comma")
		}
		if item != "" && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items, nil
}

func count(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1000 {
		return 0, fmt.Errorf("%.40q is no number from 0 to 1000", v)
	}
	return n, nil
}

// size is a number of bytes, with K, M or G behind it if those are meant.
func size(v string) (int64, error) {
	const least, most = 64 << 10, 1 << 40
	digits, unit := v, int64(1)
	if n := len(v); n > 0 {
		if shift := strings.IndexByte("KMG", v[n-1]); shift >= 0 {
			digits, unit = v[:n-1], 1<<(10*(shift+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n*unit < least || n*unit > most {
		return 0, fmt.Errorf("%.40q is no size from 64K to 1024G; write a number of bytes, or one with K, M or G behind it", v)
	}
	return n * unit, nil
}

// oneOf makes a parser of some words.
func oneOf(words ...string) func(string) (string, error) {
	return func(v string) (string, error) {
		if !slices.Contains(words, v) {
			return "", fmt.Errorf("%.40q is none of %s", v, strings.Join(words, ", "))
		}
		return v, nil
	}
}

// positive is a number of things of which there is at least one.
func positive(v string) (int, error) {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%.40q is no number above 0", v)
	}
	return int(n), nil
}

// rate is a number of things in a second.
func rate(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1000 {
		return 0, fmt.Errorf("%.40q is no number from 1 to 1000", v)
	}
	return n, nil
}

func duration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 || d > 24*time.Hour {
		return 0, fmt.Errorf("%.40q is no time up to 24h; write it with its unit, like 300ms, 5s or 2m", v)
	}
	return d, nil
}

// durationOrNone is a duration, or 0, which needs no unit.
func durationOrNone(v string) (time.Duration, error) {
	if v == "0" || v == "0s" {
		return 0, nil
	}
	return duration(v)
}

// sleepTime is in seconds; its limits are the predecessor's.
func sleepTime(v string) (time.Duration, error) {
	s, err := strconv.ParseFloat(v, 64)
	if d := time.Duration(s * float64(time.Second)); err == nil && s < 3600 && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%.40q is no number of seconds between 0 and 3600", v)
}

func address(v string) (string, error) {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return "", fmt.Errorf("%.80q is no address; write HOST:PORT, like 127.0.0.1:5000", v)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%.40q is no port; write a number from 0 to 65535", port)
	}
	return v, nil
}

// webURL repeats nothing of the value in its error: a URL may contain a password.
func webURL(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", errors.New("is no web address; write http://HOST:PORT or https://HOST:PORT")
	}
	return v, nil
}
