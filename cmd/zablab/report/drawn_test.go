package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/compare/schedules"
	"github.com/zablab/zablab/scenarios/suspects"
	"github.com/zablab/zablab/sim"
)

// drawn returns a report of 40 schedules on two engines: on the second, one run loses a write, and
// three do not recover.
func drawn() *Report {
	b := &schedules.Batch{
		First: 1, Done: 40, Fingerprint: 0xabc, Runs: make([][]schedules.Run, 2),
		Engines: []*schedules.Engine{{Name: "zab", Says: "ZAB"}, {Name: "raft", Says: "Raft v9",
			Suspect: new(suspects.Suspect)}},
		Checks: []map[string]int{{"linearizable-writes": 40}, {"LogMatching": 40, "Linearizable": 39}},
	}
	for i := range 40 {
		r := schedules.Run{
			Seed: uint64(i + 1), Outcome: schedules.Passed, Calls: 100, Complete: true,
			Leaderless: sim.Time(i) * 100 * ms, Gap: 2 * sim.Second, Healed: 50*ms + sim.Time(i)*ms,
		}
		b.Runs[0] = append(b.Runs[0], r)
		switch {
		case i == 4:
			r.Outcome, r.Property, r.Text, r.Lost = schedules.Unsafe, "LogMatching", hostile, 2
			r.Leaderless, r.Gap, r.Healed, r.Complete = -1, -1, -1, false
		case i >= 37:
			r.Outcome, r.Property, r.Healed = schedules.NoRecovery, "LiveAfterHealing", -1
		}
		b.Runs[1] = append(b.Runs[1], r)
	}
	return &Report{
		Command: "zablab compare --fuzz --seeds 40", Seeds: 40, Raft: "v9", Servers: "3, 5 or 7",
		Drawn: &Drawn{Batch: b, Asked: 50, Again: func(seed uint64) string {
			return fmt.Sprintf("zablab compare --fuzz --seed %#x", seed)
		}},
	}
}

// TestDrawn: the page of drawn schedules has the sentence, what broke, each figure of each engine with
// its count and the command of its worst schedule, and what was checked.
func TestDrawn(t *testing.T) {
	text, doc := write(t, drawn())
	for section, want := range map[string][]string{ // order: they are independent
		"drawn": {
			"Raft LogMatching " + hostile + " unsafe 1 zablab compare --fuzz --seed 0x5",
			"Raft LiveAfterHealing no recovery 3 zablab compare --fuzz --seed 0x26",
		},
		"saw": {
			"ZAB 0 – 0 0 0 40 –",
			"Raft 0 – 0 2 1 40 zablab compare --fuzz --seed 0x5",
			"ZAB 2.00 s – 2.00s 2.00s 40 40 zablab compare --fuzz --seed 0x1",
			"Raft 2.00 s – 2.00s 2.00s 39 39 zablab compare --fuzz --seed 0x1",
		},
	} {
		got := rows(doc.section(t, section))
		for _, row := range want {
			if !slices.Contains(got, row) {
				t.Errorf("%s: no row %q in %q", section, row, got)
			}
		}
	}
	says(t, doc, "drawn", "Under 40 random schedules of faults, ZAB broke no check; Raft v9 broke a safety "+
		"check in 1 schedule, did not recover in 3 schedules, had 2 acknowledged writes lost in 1 schedule.",
		"40 of 50 schedules: the batch was interrupted", "0000000000000abc")
	says(t, doc, "checked", "in all 40 runs: linearizable-writes", "only in some runs: Linearizable in 39 runs",
		"against the final state in 39 runs", schedules.Differences()[0])
	healed := ""
	for _, row := range rows(doc.section(t, "saw")) {
		if strings.HasPrefix(row, "Raft") && strings.HasSuffix(row, "0x26") {
			healed = row
		}
	}
	if !strings.Contains(healed, "never never 39 39") {
		t.Errorf("an ensemble that does not recover: %q", healed)
	}
	if strings.Contains(text, "<script") || doc.all("section")[0].attr("id") != "drawn" {
		t.Error("a text of a run is not shown as text, or the page begins with something else")
	}
	if plain, _ := write(t, sample(t)); strings.Contains(plain, `id="drawn"`) {
		t.Error("a report without drawn schedules has their section")
	}
}

// TestDrawnEngines: the page names the libraries that were played, and gives each its own mark.
func TestDrawnEngines(t *testing.T) {
	r := drawn()
	both := r.Drawn.Batch
	both.Engines[1].Name, both.Engines[1].Says = "etcd-raft", "etcd-io/raft v3"
	r.Drawn.Builds = []Build{{"etcd-io/raft", "v3", "e7cd"}}
	text, doc := write(t, r)
	for _, want := range []string{"and on etcd-io/raft v3: the same servers", "e7cd",
		`<tr class="etcd">`, "<b>etcd-raft</b> square"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(text, "hashicorp/raft v") || strings.Contains(text, "<b>Raft</b> pointed") ||
		strings.Contains(text, `<tr class="raft">`) {
		t.Error("the page is about hashicorp/raft too")
	}
	if got := rows(doc.section(t, "drawn")); !slices.ContainsFunc(got, func(row string) bool {
		return strings.HasPrefix(row, "etcd-raft LogMatching")
	}) {
		t.Errorf("%q", got)
	}
}
