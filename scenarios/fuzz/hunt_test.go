package fuzz

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// TestHuntFinds: the fuzzer finds these flaws in a few seeds, by a property that says what is
// wrong; and the shrunk schedule needs the flaw: without it nothing breaks.
func TestHuntFinds(t *testing.T) {
	for _, c := range []struct {
		flaw flaw.Flaw
		by   string
	}{
		{flaw.AckBeforeFsync, "EpochCurrency"}, {flaw.EpochAtUpToDate, "EpochCurrency"},
		{flaw.DrainUncommitted, "commitInconsistent proposalInconsistent"}, {flaw.NoFastForward, "VoteTruth"},
		{flaw.NoSnapFsync, "StateAtZxid LogContiguous AckedDurable LiveAfterHealing"},
		{flaw.ForwardAfterAck, "commitInconsistent"},
		{flaw.NoSessionTable, "LiveAfterHealing ExpiryInTime"},
		{flaw.SetWatchesBlind, "witness/watches NoStuckWaiter"},
	} {
		n := 60
		if testing.Short() {
			if n = 20; c.flaw != flaw.DrainUncommitted && c.flaw != flaw.SetWatchesBlind {
				continue
			}
		}
		e, _ := flaw.Find(c.flaw.String())
		h, err := Hunt(e, 1, n, false, nil)
		if err != nil || !h.Found || !strings.Contains(c.by, h.Property) {
			t.Errorf("%s: found %v after %d seeds, by %s, want %s: %v", c.flaw, h.Found, h.Seeds,
				h.Property, c.by, err)
			continue
		}
		sound := h.Least
		if sound.Flaw != c.flaw || !strings.Contains(sound.String(),
			" flaw="+c.flaw.String()+"\n") {
			t.Errorf("%s: the schedule does not name it: %s", c.flaw, sound.String())
		}
		sound.Flaw = flaw.None
		if f, err := sound.Play(Playing{}); err != nil || f.Property != "" {
			t.Errorf("%s: the schedule breaks %s without the flaw: %v", c.flaw, f.Property, err)
		}
	}
}

// TestFlaws: every flaw has a unique name, by which it is found, and a story.
func TestFlaws(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range flaw.All() {
		back, ok := flaw.Find(e.Name)
		if !ok || back.Flaw != e.Flaw || seen[e.Name] || e.Says == "" || len(e.Catches) == 0 ||
			!strings.HasPrefix(e.Issue, map[bool]string{false: "ZOOKEEPER-", true: "H"}[e.Recipe]) {
			t.Errorf("%d: %+v", e.Flaw, e)
		}
		seen[e.Name] = true
	}
	recipes := 0
	for _, e := range flaw.All() {
		if e.Recipe {
			recipes++
		}
	}
	if flaw.None.String() != "none" || len(seen) != 54 || recipes != 15 {
		t.Errorf("%d flaws, %d of them of recipes", len(seen), recipes)
	}
}

// TestObserverThatNobodyCallsBack: an observer with a smaller number than the voters joins, and with
// the flaw it does not; the failure says who is not at rest, and in which state it is.
func TestObserverThatNobodyCallsBack(t *testing.T) {
	const text = "stage seed=0x3 servers=3 observers=1 tick=200ms session-timeout=2s latency=1ms..5ms " +
		"fsync=500us..3ms committed-log=10 snap-count=100 length=1s observer-numbers=low\nclient A\n"
	s, err := Parse("low", text)
	if err != nil || s.String() != text {
		t.Fatalf("%v: %s", err, s.String())
	}
	out, err := s.Play(Playing{Keep: true})
	if err != nil || out.Property != "" {
		t.Fatalf("%v %s: %s", err, out.Property, out.Text)
	}
	defer out.Ensemble.Close()
	for id, want := range map[zab.ID]bool{1: true, 2: false, 4: false} {
		if got := out.Ensemble.Server(id).Peer().State() == zab.Observing; got != want {
			t.Errorf("S%d observes: %v", id, got)
		}
	}
	s.Flaw = flaw.NoCallBack
	out, err = s.Play(Playing{})
	if err != nil || out.Property != "LiveAfterHealing" ||
		!strings.Contains(out.Text, "S1 does not serve: it is LOOKING, in phase ELECTION, while S") {
		t.Errorf("%v %s: %s", err, out.Property, out.Text)
	}
}

// TestFirst: the first seed that breaks is found without shrinking, and counted.
func TestFirst(t *testing.T) {
	e, _ := flaw.Find("fix.pull-2111")
	got, err := First(e, 1, 20, false, func() bool { return false })
	if err != nil || !got.Found || got.Property != "commitInconsistent" || got.Hits == 0 ||
		got.Least.Seed != uint64(got.Seeds) {
		t.Errorf("%v: %+v", err, got)
	}
	if got, _ = First(e, 1, 20, false, func() bool { return true }); got.Found || got.Seeds != 0 {
		t.Errorf("stopped: %+v", got)
	}
}

// A hunt that finds nothing says whether it came to the flaw's place: the counter of an epoch does
// not run over in two runs, but sessions are closed in every run.
func TestHuntCountsHits(t *testing.T) {
	for _, c := range []struct {
		flaw    flaw.Flaw
		reached bool
	}{{flaw.NoRollCheck, false}, {flaw.CloseNoMark, true}} {
		e, _ := flaw.Find(c.flaw.String())
		h, err := Hunt(e, 1, 2, false, nil)
		if err != nil || h.Found || (h.Hits > 0) != c.reached {
			t.Errorf("%s: found %v, its place was %s: %v", c.flaw, h.Found, h.Hits, err)
		}
	}
}
