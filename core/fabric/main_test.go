package fabric_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
