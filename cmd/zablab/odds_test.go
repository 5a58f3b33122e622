package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The odds of a race, the command that plays the nearest run without its outcome, and the page of
// both runs.
func TestOdds(t *testing.T) {
	schedule, err := filepath.Abs("../../scenarios/fuzz/testdata/regressions/recipe.no-fence.schedule")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("odds", "--of", "C leads", "--runs", "10", "--html", "odds.html",
		"first-one-wins")
	for _, want := range []string{"Outcome: C believes",
		"With other random choices from the start, ", "Which step mattered most is not known, because",
		"as far as 10 runs show", "odds.html"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q: %s", want, out)
		}
	}
	page, err := os.ReadFile("odds.html")
	if code != 0 || errOut != "" || err != nil || !strings.Contains(string(page), `"odds":[[1,`) {
		t.Fatalf("status %d: %s %v", code, errOut, err)
	}
	again := regexp.MustCompile(`zablab (replay --resample .*)\n`).FindStringSubmatch(out)
	if again == nil {
		t.Fatalf("no command plays the nearest run: %s", out)
	}
	code, out, errOut = zablab(append(strings.Fields(again[1]), "--json")...)
	if code != 0 || errOut != "" {
		t.Errorf("status %d: %s%s", code, out, errOut)
	}
	if code, usual, _ := zablab("replay", "--json", "first-one-wins"); code != 0 || usual == out {
		t.Errorf("status %d: --resample changes nothing", code)
	}
	code, out, _ = zablab("odds", "--runs", "4", "--json", "--schedule",
		schedule)
	var j struct {
		Outcome string
		Runs    int
		Points  []struct{ Step, Happened, Runs int }
	}
	if err := json.Unmarshal([]byte(out), &j); err != nil || code != 0 || len(j.Points) != 17 ||
		j.Runs != 17*4 || j.Outcome != "a check fails (in this run: witness/fencing)" {
		t.Errorf("status %d, %v: %s", code, err, out)
	}
}

func TestOddsErrors(t *testing.T) {
	for _, c := range [][]string{
		{"name one document, or one schedule"},
		{"name one document, or one schedule", "--schedule", "x", "the-leader-dies"},
		{"--runs 0: must be 1 to 1000", "--runs", "0", "the-leader-dies"},
		{"--most 3: must be at least", "--most", "3", "the-leader-dies"},
		{"does not have this outcome", "--of", "A leads", "the-leader-dies"},
		{`"it rains" is not an outcome`, "--of", "it rains", "the-leader-dies"},
		{"leave out --of", "--of", "A leads", "--schedule", "x"},
		{"has the worlds 1 to 1", "--world", "9", "the-leader-dies"},
		{"no such file", "--schedule", "nosuch"},
	} {
		code, _, errOut := zablab(append([]string{"odds"}, c[1:]...)...)
		if code != 2 || !strings.Contains(errOut, c[0]) {
			t.Errorf("%q: status %d: %s, want %s", c[1:], code, errOut, c[0])
		}
	}
	for _, bad := range []string{"7", "0:7", "x:7", "7:x", "-1:2"} {
		code, _, errOut := zablab("replay", "--resample", bad, "the-leader-dies")
		if code != 2 || !strings.Contains(errOut, "--resample "+bad) {
			t.Errorf("status %d: %s", code, errOut)
		}
	}
}
