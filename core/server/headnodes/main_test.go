package headnodes_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }
