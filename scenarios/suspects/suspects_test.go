package suspects

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// TestHunt is a tool: SEEDS=1-100 go test -run Hunt -v
func TestHunt(t *testing.T) {
	first, _ := strconv.ParseUint(os.Getenv("FIRST"), 10, 64)
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 {
		t.Skip()
	}
	e, err := Raft(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fuzz.Run(first, n, fuzz.Options{Engine: e, Bug: os.Getenv("BUG"), Whole: true, Workers: 1,
		Found: func(f *fuzz.Failure) { t.Logf("seed %d %s: %s", f.Seed, f.Property, f.Text) },
		Tell: func(b *fuzz.Batch) {
			if b.Done%10 == 0 {
				t.Log(b.Done, b.Broken)
			}
		},
	})
	t.Log(b.Done, b.Broken, b.Median, b.Virtual, err, b.Undecided)
}
