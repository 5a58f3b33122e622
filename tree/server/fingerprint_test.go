package server_test

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// golden are the fingerprints of three servers and three clients under random faults, and the
// digests of the servers at the end. The test is for this: they are the same on every architecture.
// A change of the protocol, the tree or the world changes them: -rewrite.
//
//go:embed testdata/fingerprints.txt
var golden string

var rewrite = flag.Bool("rewrite", false, "rewrite testdata/fingerprints.txt")

func TestFingerprintsAreTheSameEverywhere(t *testing.T) {
	var b strings.Builder
	for seed := uint64(1); seed <= 5; seed++ {
		w := faultWorld(t, seed)
		fmt.Fprintf(&b, "seed %d: %016x after %d events, trees", seed, w.Fingerprint(), w.Index())
		for i := 1; i <= w.servers; i++ {
			if s := w.server(fmt.Sprintf("S%d", i)); s != nil {
				fmt.Fprintf(&b, " %016x", s.Tree().ComputeDigest())
			} else {
				b.WriteString(" down")
			}
		}
		b.WriteString("\n")
	}
	if *rewrite {
		if err := os.WriteFile("testdata/fingerprints.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != golden {
		t.Errorf("testdata/fingerprints.txt says\n%s\nand here, on %s/%s, it is\n%s\n"+
			"If runs were meant to change: go test ./tree/server -run Fingerprints -rewrite",
			golden, runtime.GOOS, runtime.GOARCH, b.String())
	}
}
