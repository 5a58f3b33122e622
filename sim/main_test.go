package sim

import (
	"flag"
	"os"
	"testing"
)

// TestMain gives rapid a seed of ours: a run of the tests is like the one before. -rapid.seed=0
// picks a new one.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
