package scenarios_test

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
)

// golden has the fingerprints of documents and seeds. They are the same on every architecture, with
// any number of processors. After an intended change of runs: -rewrite.
//
//go:embed testdata/fingerprints.txt
var golden string

// fingerprints returns the fingerprints of a document with n seeds, played on a number of
// processors.
func fingerprints(t *testing.T, name, text string, n, processors int) (list []string) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	for seed := uint64(1); seed <= uint64(n); seed++ {
		r := play(t, name, text, scenarios.Options{Seed: &seed})
		for i := range r.Diagrams {
			list = append(list, fmt.Sprintf("%016x", r.Diagrams[i].Fingerprint))
		}
	}
	return list
}

func TestFingerprints(t *testing.T) {
	var b strings.Builder
	for _, c := range book.Chapters() {
		fmt.Fprintln(&b, c.Name, strings.Join(fingerprints(t, c.Name, string(c.Text), 2, 1), " "))
	}
	name := "race-with-crashes.md"
	for i, f := range fingerprints(t, name, document(t, name), 8, 2) {
		fmt.Fprintln(&b, name, i+1, f)
	}
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile("testdata/fingerprints.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != golden {
		t.Errorf("want\n%s\non %s/%s there are\n%s\nIf runs were meant to change: go test "+
			"./scenarios -run Fingerprints -rewrite",
			golden, runtime.GOOS, runtime.GOARCH, b.String())
	}
}

// TestFingerprintsRepeat plays 200 seeds twice, on one processor and on two.
func TestFingerprintsRepeat(t *testing.T) {
	n := 200
	if testing.Short() {
		n = 20
	}
	name := "race-with-crashes.md"
	text := document(t, name)
	one, two := fingerprints(t, name, text, n, 1), fingerprints(t, name, text, n, 2)
	if !slices.Equal(one, two) {
		t.Error("the same seeds gave other fingerprints the second time")
	}
	slices.Sort(one)
	if len(slices.Compact(one)) != n {
		t.Error("two seeds gave one fingerprint")
	}
}

// TestFingerprintOfManySeeds: the result of many seeds does not depend on how many are played at a
// time.
func TestFingerprintOfManySeeds(t *testing.T) {
	name := "race-with-crashes.md"
	text := document(t, name)
	var all []string
	for _, processors := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(processors)
		all = append(all, told(play(t, name, text, scenarios.Options{Seeds: 40})))
		runtime.GOMAXPROCS(old)
	}
	if all[0] != all[1] || all[0] != all[2] {
		t.Errorf("on 1 processor\n%s\non 2\n%s\non 7\n%s", all[0], all[1], all[2])
	}
}
