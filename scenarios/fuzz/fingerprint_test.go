package fuzz

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// golden are the fingerprints of the runs of the first seeds: the same on every architecture and
// however many processors there are. After a change that means to change runs: -rewrite.
//
//go:embed testdata/fingerprints.txt
var golden string

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

func TestFingerprints(t *testing.T) {
	var b strings.Builder
	for seed := uint64(1); seed <= 6; seed++ {
		s := Generate(seed)
		f, err := s.Play(Playing{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "schedule %d %016x\n", seed, f.Fingerprint)
	}
	if *rewrite {
		if err := os.WriteFile("testdata/fingerprints.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != golden {
		t.Errorf("want\n%s\non %s/%s there are\n%s\nIf runs were meant to change: "+
			"go test ./scenarios/fuzz -run Fingerprints -rewrite", golden, runtime.GOOS,
			runtime.GOARCH, b.String())
	}
}
