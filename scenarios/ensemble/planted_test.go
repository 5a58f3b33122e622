package ensemble_test

import (
	"cmp"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/audit"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// The planted faults: which check notices each first, and which ones after that. The first
// violation of the audit ends the run.
//
//	fault                                                 first                                                              then
//	a lost write                                          witness/reads                                                      znode/1 writes, znode/1 all, witness/write-results, then register/1 all
//	a doubled write                                       FIFOClientOrder
//	a create that finds a node where there is none        znode/1 writes, znode/1 all, witness/write-results
//	a read from the past                                  session order, witness/session-order                               znode/1 all, register/1 all
//	data from the past                                    witness/reads                                                      znode/1 all, register/1 all
//	a session that goes back in time over a reconnection  znode/1 all, register/1 all, session order, witness/session-order  at rest
//	a sync that does not sync                             znode/1 all, register/1 all, witness/sync
//	a wrong czxid                                         witness/stats                                                      znode/1 all
//	a multi told to have gone well                        znode/1 writes, znode/1 all, witness/multi
//	a multi of which half is shown                        znode/1 all, witness/reads
//	a sequential name twice                               znode/1 writes, znode/1 all, witness/sequential-names
//	sequential names backwards                            znode/1 writes, znode/1 all, witness/sequential-names
//	a watch event after the state it shows                 witness/watches
//	a watch event lost                                    witness/watches
//	a watch event twice                                   witness/watches
//	a watch event of another kind                         witness/watches
//	watch events backwards                                witness/watches
//	a watch that does not stay                            witness/watches
//	an ephemeral node left on one server                  znode/1 all, witness/reads                                         StateAtZxid
//	an ephemeral node left on all servers                 znode/1 all, witness/reads                                         znode/1 writes, witness/ephemerals
//	a session forgotten on all servers                    EphemeralLifetime
//	an ephemeral node shown by all servers                znode/1 all, witness/reads
//	a session that ends too early                         NoEarlyExpiry
//	a session that never ends                             ExpiryInTime
//	an ack before the fsync                               CommitQuorum
//	a follower that misses a PROPOSAL                     commitInconsistent
//	a follower that misses a COMMIT                       commitInconsistent
//	a follower that receives no COMMIT                    at rest
//	a follower that misses all from some moment on        EpochCurrency
//	a follower that logs something else                   ProcessConsistency
//	a leader that commits at once                         PrefixConsistency
//	a leader that commits alone                           CommitQuorum
//	a record that never gets to the disk                  AckedDurable
//	a record that gets to the disk with other bytes       AckedDurable

// firing is a check that does not hold, and since when.
type firing struct {
	name string
	at   int64 // µs
}

// fired lists the checks that do not hold, the first to fire first. The audit's violation fires at
// its step, and ends the run. Any other check fires at the first moment at which it rejects the
// record of the run up to that moment. At the end everything is healed, and the servers must
// recover. "then" stands between two moments.
func fired(e *ensemble.Ensemble) string {
	var list []firing
	var v *audit.Violation
	if errors.As(e.Err(), &v) {
		list = append(list, firing{v.Name, int64(v.At)})
	} else if e.Err() != nil {
		list = append(list, firing{e.Err().Error(), int64(e.World.Now())})
	}
	r := e.Record()
	r.Ops = e.History()
	moments := []int64{}
	for i := range r.Ops {
		if r.Ops[i].Outcome != lin.Unknown {
			moments = append(moments, r.Ops[i].Return)
		}
	}
	for i := range r.Events {
		moments = append(moments, r.Events[i].At)
	}
	slices.Sort(moments)
	known := map[string]bool{}
	for _, at := range slices.Compact(moments) {
		for _, name := range broken(cut(r, at),
			witness.Options{QuorumSync: e.Config().QuorumSync}) {
			if !known[name] {
				known[name] = true
				list = append(list, firing{name, at})
			}
		}
	}
	if e.Err() == nil && !calms(e) {
		list = append(list, firing{"at rest", int64(e.World.Now())})
	}
	slices.SortStableFunc(list, func(a, b firing) int { return cmp.Compare(a.at, b.at) })
	text := ""
	for i, f := range list {
		switch {
		case i == 0:
		case f.at == list[i-1].at:
			text += ", "
		default:
			text += ", then "
		}
		text += f.name
	}
	return text
}

// calms heals everything, and is true if the ensemble recovers.
func calms(e *ensemble.Ensemble) bool {
	return e.Heal() == nil && e.Run(e.World.Now()+2*e.GiveUp(), e.AtRest) && e.AtRest()
}

// cut is what had been seen by a moment.
func cut(r lin.Record, at int64) (c lin.Record) {
	for _, o := range r.Ops {
		switch {
		case o.Call > at, o.Return > at && (!o.Kind.Write() || o.Client == "ensemble"):
			continue
		case o.Return > at:
			o.Outcome, o.Zxid, o.Result = lin.Unknown, 0, lin.Result{}
		}
		c.Ops = append(c.Ops, o)
	}
	for _, e := range r.Events {
		if e.At <= at {
			c.Events = append(c.Events, e)
		}
	}
	return c
}

// broken are the checks that reject a record: porcupine's models, session order, the witness's.
func broken(r lin.Record, o witness.Options) (names []string) {
	for _, m := range []lin.Options{
		{Model: lin.ZNode},
		{Model: lin.ZNode, Scope: lin.All},
		{Model: lin.Register},
	} {
		w, err := lin.Check(r.Ops, m)
		if err != nil {
			names = append(names, err.Error())
		} else if w.Result == lin.Broken {
			names = append(names, string(w.Model)+" "+string(w.Scope))
		}
	}
	if len(lin.SessionOrder(r.Ops)) > 0 {
		names = append(names, "session order")
	}
	// The witness does not see writes that never took effect: that is known here.
	r.Ops = slices.DeleteFunc(slices.Clone(r.Ops), func(o lin.Operation) bool {
		return o.Outcome == lin.Unknown && o.Txn == 0
	})
	w, err := witness.Judge(r, o)
	if err != nil {
		names = append(names, err.Error())
	}
	for _, v := range w.Verdicts {
		if v.Result == lin.Broken {
			names = append(names, "witness/"+v.Check)
		}
	}
	return names
}

// planted is a fault in a server, and who notices it when.
type planted struct {
	name     string
	tamper   func(*sim.Machine, sim.Program) sim.Program
	programs []func(*client.Proc) // of A at S1, B at S2; writer and reader if there are none
	plan     string
	quorum   bool   // sync asks a quorum
	mute     string // a property that is not checked
	refused  string // what the servers say themselves, who then set it right
	want     string
}

var plantedFaults = []planted{
	{name: "none", want: ""},
	{name: "none, with watches", programs: watched, want: ""},
	{name: "none, and S2 lags", programs: late, plan: lagging, want: ""},
	{
		name: "none, and S2 lags, with quorum syncs", programs: late, plan: lagging, quorum: true,
		want: "",
	},
	{name: "none, and A dies", programs: ephemerals, plan: "1.500s crash A", want: ""},

	{
		name: "a lost write", tamper: lying(1, saysCreated),
		want: "witness/reads, then znode/1 writes, znode/1 all, witness/write-results, " +
			"then register/1 all",
	},
	{name: "a doubled write", tamper: lying(1, forwardsTwice), want: "FIFOClientOrder"},
	{
		name: "a create that finds a node where there is none", tamper: lying(1, saysExists),
		want: "znode/1 writes, znode/1 all, witness/write-results",
	},
	{
		name: "a read from the past", tamper: lying(1, remembers),
		want: "session order, witness/session-order, then znode/1 all, register/1 all",
	},
	{
		name: "data from the past", tamper: lying(1, remembersData),
		want: "witness/reads, then znode/1 all, register/1 all",
	},
	{
		name:   "a session that goes back in time over a reconnection",
		tamper: lying(2, forgetsZxids), programs: moving, plan: moved,
		want: "znode/1 all, register/1 all, session order, witness/session-order, then at rest",
	},
	{
		name: "a sync that does not sync", tamper: lying(2, syncsAlone), programs: late,
		plan: lagging, quorum: true, want: "znode/1 all, register/1 all, witness/sync",
		mute: "SyncAnswered", // which sees the server's mistake; the others see its consequence
	},
	{name: "a wrong czxid", tamper: lying(1, misdates), want: "witness/stats, then znode/1 all"},

	{
		name: "a multi told to have gone well", tamper: lying(1, praisesMulti), programs: multis,
		want: "znode/1 writes, znode/1 all, witness/multi",
	},
	{
		name: "a multi of which half is shown", tamper: lying(1, showsHalf), programs: multis,
		want: "znode/1 all, witness/reads",
	},
	{
		name: "a sequential name twice", tamper: lying(1, namesAgain), programs: numbers,
		want: "znode/1 writes, znode/1 all, witness/sequential-names",
	},
	{
		name: "sequential names backwards", tamper: lying(1, namesBackwards), programs: numbers,
		want: "znode/1 writes, znode/1 all, witness/sequential-names",
	},

	{
		name: "a watch event after the state it shows", tamper: lying(1, tellsLate),
		programs: watched, want: "witness/watches",
	},
	{
		name: "a watch event lost", tamper: lying(1, tellsNothing), programs: watched,
		want: "witness/watches",
	},
	{
		name: "a watch event twice", tamper: lying(1, tellsTwice), programs: watched,
		want: "witness/watches",
	},
	{
		name: "a watch event of another kind", tamper: lying(1, tellsWrong), programs: watched,
		want: "witness/watches",
	},
	{
		name: "watch events backwards", tamper: lying(1, tellsBackwards), programs: stayed,
		want: "witness/watches",
	},
	{
		name: "a watch that does not stay", tamper: lying(1, tellsOnce), programs: stayed,
		want: "witness/watches",
	},

	{
		name: "an ephemeral node left on one server", tamper: lying(2, keepsEphemeral),
		programs: ephemerals, want: "znode/1 all, witness/reads, then StateAtZxid",
	},
	{
		name: "an ephemeral node left on all servers", tamper: lying(0, keepsEphemeral),
		programs: ephemerals,
		want:     "znode/1 all, witness/reads, then znode/1 writes, witness/ephemerals",
	},
	{
		name: "a session forgotten on all servers", tamper: lying(0, forgetsSession),
		programs: ephemerals, want: "EphemeralLifetime",
	},
	{
		name: "an ephemeral node shown by all servers", tamper: lying(0, showsEphemeral),
		programs: ephemerals, want: "znode/1 all, witness/reads",
	},
	{name: "a session that ends too early", tamper: lying(3, expiresEarly), want: "NoEarlyExpiry"},
	{
		name: "a session that never ends", tamper: lying(1, vouches), programs: ephemerals,
		plan: "1.500s crash A", want: "ExpiryInTime",
	},

	{name: "an ack before the fsync", tamper: lying(1, acksEarly), want: "CommitQuorum"},
	{
		name: "a follower that misses a PROPOSAL", tamper: lying(1, skips("PROPOSAL")),
		refused: "the leader sent a COMMIT without its PROPOSAL", want: "commitInconsistent",
	},
	{
		name: "a follower that misses a COMMIT", tamper: lying(1, skips("COMMIT")),
		refused: "the leader sent a COMMIT without its PROPOSAL", want: "commitInconsistent",
	},
	{
		name: "a follower that receives no COMMIT", tamper: lying(2, lags), programs: moving,
		plan: moved, want: "at rest",
	},
	{
		name: "a follower that misses all from some moment on", tamper: lying(1, deaf),
		refused: "S1 is dropped: for longer than syncLimit, it has sent nothing, or has acked no " +
			"proposal although one waits for its ACK",
		want: "EpochCurrency",
	},
	{
		name: "a follower that logs something else", tamper: lying(1, mishears),
		want: "ProcessConsistency",
	},
	{
		name: "a leader that commits at once", tamper: lying(3, commitsAtOnce),
		want: "PrefixConsistency",
	},
	{name: "a leader that commits alone", tamper: lying(3, commitsAlone), want: "CommitQuorum"},
	{
		name: "a record that never gets to the disk", tamper: lying(1, records(nil)),
		want: "AckedDurable",
	},
	{
		name: "a record that gets to the disk with other bytes", tamper: lying(1, records(otherwise)),
		want: "AckedDurable",
	},
}

// Each planted fault is noticed by exactly the checks that should, in that order; without it
// no check fires.
func TestPlantedFaultsAreNoticed(t *testing.T) {
	for _, c := range plantedFaults {
		t.Run(c.name, func(t *testing.T) {
			e, err := ensemble.New(ensemble.Config{
				Stage: engine.Stage{Seed: 1, QuorumSync: c.quorum}, Keep: true, Tamper: c.tamper,
				Mute: func(property string) bool { return property == c.mute },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			e.Run(sim.Second, nil)
			programs := c.programs
			if programs == nil {
				programs = []func(*client.Proc){writer, reader}
			}
			for i, program := range programs {
				k, err := e.AddClient(string(rune('A'+i)), i+1, program)
				if err != nil {
					t.Fatal(err)
				}
				k.Start()
			}
			plan, err := sim.ParsePlan("plan", c.plan)
			if err == nil {
				err = e.World.Schedule(plan)
			}
			if err != nil {
				t.Fatal(err)
			}
			e.Run(20*sim.Second, nil)
			if got := fired(e); got != c.want {
				t.Errorf("fired: %s\nwant:  %s\n%v", got, c.want, e.Err())
			}
			if c.refused != "" && !refused(e, c.refused) {
				t.Errorf("no server says %q", c.refused)
			}
		})
	}
}

// The table at the top of this file says what the cases say.
func TestPlantedTable(t *testing.T) {
	text, err := os.ReadFile("planted_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var table [][]string
	for line := range strings.Lines(string(text)) {
		if row, ok := strings.CutPrefix(line, "//\t"); ok {
			table = append(table, regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(row), -1))
		}
	}
	rows := 1 // after the column headings
	for _, c := range plantedFaults {
		if c.tamper == nil {
			continue
		}
		want := []string{c.name, cmp.Or(c.want, "nobody")}
		if first, rest, ok := strings.Cut(c.want, ", then "); ok {
			want = []string{c.name, first, rest}
		}
		if rows >= len(table) || !slices.Equal(table[rows], want) {
			t.Fatalf("row %d of the table should be %q", rows, want)
		}
		rows++
	}
	if rows != len(table) {
		t.Errorf("%d rows, and %d faults", len(table)-1, rows-1)
	}
}

// refused says whether a server has turned something away with these words.
func refused(e *ensemble.Ensemble, words string) bool {
	return slices.ContainsFunc(e.World.Records(), func(r sim.Record) bool {
		b, ok := r.Body.(narration.Refused)
		return ok && strings.Contains(b.Why, words)
	})
}
