package host

import (
	"testing"

	"github.com/zablab/zablab/scenarios/loopback"
)

// reserve returns n ports that are the test's until it ends.
func reserve(t *testing.T, n int) []int {
	t.Helper()
	r, err := loopback.Reserve(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r.Ports
}
