package switches_test

import (
	"flag"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// atOnce is how many tests run beside each other: they wait for silent devices most of the time.
const atOnce = "20"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOnce); err != nil {
		panic(err) // the flag is every test binary's
	}
	servertest.Main(m)
}
