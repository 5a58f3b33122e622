package replay

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/zab"
)

// TestSpeedsOfRealServers: each setting of a speed gets a notice that names it, on both engines; a
// document without such a setting gets none.
func TestSpeedsOfRealServers(t *testing.T) {
	engines := []struct {
		where string
		notes func(*script.Script) []string
	}{{"real servers", unplayable}, {"etcd", notesOfEtcd}}
	for _, x := range []struct{ setting, named string }{
		{"latency=1ms", "latency or fsync"}, {"fsync=80ms", "latency or fsync"},
		{"bandwidth=1Mbit", "bandwidth or disk-bandwidth"},
		{"disk-bandwidth=8Mbit", "bandwidth or disk-bandwidth"}, {"servers=3", ""},
	} {
		doc, err := diagram.Parse("x.md",
			[]byte("sequenceDiagram\n%% lab: "+x.setting+"\nA->>ZK: create /x\n"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := script.Compile(doc, script.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range engines {
			want := ""
			if x.named != "" {
				want = "line 1: " + x.named + " is impossible on " + e.where +
					": the speed of real links and disks cannot be set"
			}
			if got := strings.Join(e.notes(s), "; "); got != want {
				t.Errorf("%s: %q, want %q", x.setting, got, want)
			}
		}
	}
}

// TestLeaderOfRealServers: a document that chooses the first leader is told that real servers do not
// obey it.
func TestLeaderOfRealServers(t *testing.T) {
	doc, err := diagram.Parse("x.md", []byte("sequenceDiagram\n%% lab: leader=S2\nA->>ZK: create /x\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := script.Compile(doc, script.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, notes := range []func(*script.Script) []string{unplayable, notesOfEtcd} {
		if got := strings.Join(notes(s), "; "); !strings.HasPrefix(got, "line 1: leader=S2 is impossible on ") {
			t.Errorf("%q", got)
		}
	}
}

// arrowWith is an arrow of a run with its verdict, and readAs a call or answer with its reading.
func arrowWith(k script.Kind, v scenarios.Verdict, instead string,
	waits ...scenarios.OmittedKind) *scenarios.Arrow {
	a := &scenarios.Arrow{Kind: k, Verdict: v, Instead: instead}
	for _, w := range waits {
		a.Omitted = append(a.Omitted, scenarios.Omitted{What: w})
	}
	return a
}

func readAs(reading string, v scenarios.Verdict, waits ...scenarios.OmittedKind) *scenarios.Arrow {
	a := arrowWith(script.Call, v, "", waits...)
	a.Says = reading
	return a
}

const readsFirst = "a multi on etcd begins with a read, which the client repeats if its answer " +
	"is lost"

// TestWhyOnEtcd: each way in which etcd differs is named where it shows, and nowhere else.
func TestWhyOnEtcd(t *testing.T) {
	arrow, says := arrowWith, readAs
	leads := func(v scenarios.Verdict, instead string) *scenarios.Arrow {
		a := arrow(script.Happening, v, instead)
		a.Says = "expected of S2: leads"
		return a
	}
	const drawn, later, other, never = scenarios.AsDrawn, scenarios.Later, scenarios.Different,
		scenarios.Never
	for _, x := range []struct {
		real, simulated *scenarios.Arrow
		want            string
	}{
		{arrow(script.Event, later, "", scenarios.OmittedReconnect), arrow(script.Event, never, "no"),
			"an etcd watch misses no change"},
		{leads(never, "S1 leads"), leads(drawn, ""),
			"etcd elects the server whose election timeout, which is random, ends first"},
		{leads(never, "no leader was elected within 70s"), leads(drawn, ""), ""},
		{arrow(script.Event, never, "it fired, and a watch fires only once: add one"),
			arrow(script.Event, drawn, ""),
			"etcd's watch had already fired, for a change that ZooKeeper's watch missed"},
		{arrow(script.Call, other, "not sent: session expired"), arrow(script.Call, later, ""),
			"an etcd client decides by its own clock that its lease is over"},
		{arrow(script.Call, other, "not sent: session expired"),
			arrow(script.Call, never, "session expired"), ""},
		{arrow(script.Call, other, "connection lost"), arrow(script.Call, never, "no answer"),
			"an etcd call fails if no answer comes within the time to live of a lease"},
		{arrow(script.Call, other, "connection lost"), arrow(script.Call, drawn, ""), ""},
		{arrow(script.Call, other, "connection lost: the operation may have happened"),
			arrow(script.Call, later, "", scenarios.OmittedReconnect), "if a server does not renew " +
				"an etcd client's lease in time, the client leaves the server, and the calls that wait there fail"},
		{arrow(script.Event, later, "", scenarios.OmittedExpiry), arrow(script.Event, drawn, ""),
			"an etcd lease that nobody revokes ends only when its time to live is over"},
		{arrow(script.Call, drawn, ""), arrow(script.Call, later, "", scenarios.OmittedReconnect,
			scenarios.OmittedElection), "etcd servers keep their client connections during an election"},
		{arrow(script.Call, drawn, ""), arrow(script.Call, later, "", scenarios.OmittedReconnect), ""},
		{arrow(script.Call, other, "connection lost"),
			arrow(script.Call, later, "", scenarios.OmittedElection), ""},
		{arrow(script.Call, drawn, ""), arrow(script.Call, later, "", scenarios.OmittedElection), ""},
		{arrow(script.Reply, drawn, ""), arrow(script.Reply, other, `ok: "1"`),
			"reads of etcd are linearizable"},
		{arrow(script.Reply, drawn, ""), arrow(script.Reply, other, "node exists"), ""},
		{arrow(script.Packet, drawn, ""), arrow(script.Packet, never, "no"), ""},
		{says("get /x, as A", later, scenarios.OmittedElection), arrow(script.Call, drawn, ""),
			"etcd answers a read only while it has a leader"},
		{says("answer: [1]", later, scenarios.OmittedElection), arrow(script.Reply, drawn, ""),
			"etcd answers a read only while it has a leader"},
		{says("set /x to 1, as A", later, scenarios.OmittedElection), arrow(script.Call, drawn, ""),
			""},
		{says("multi: check /x, as A", later, scenarios.OmittedReconnect),
			arrow(script.Call, drawn, ""), readsFirst},
		{says("set /x to 1, as A", later, scenarios.OmittedReconnect),
			arrow(script.Call, drawn, ""), ""},
	} {
		if got := whyOnEtcd(x.real, x.simulated, x.real); got != x.want {
			t.Errorf("%v, simulated %v: %q, want %q", x.real, x.simulated, got, x.want)
		}
	}
}

// TestWhyOfAnswer: the answer to a call is explained by what was called.
func TestWhyOfAnswer(t *testing.T) {
	const later, other = scenarios.Later, scenarios.Different
	lost := arrowWith(script.Reply, other, "connection lost: the operation may have happened")
	answer := readAs("answer: success", later, scenarios.OmittedReconnect)
	for call, want := range map[string]string{
		"multi: check /x, as A": readsFirst, "set /x to 1, as A": "",
		"get /x, as A": "an etcd client repeats a read whose answer is lost",
	} {
		if got := whyOnEtcd(answer, lost, readAs(call, later)); got != want {
			t.Errorf("the answer to %s: %q, want %q", call, got, want)
		}
	}
	if got := whyOnEtcd(answer, lost, nil); got != "" {
		t.Errorf("an answer without a call: %q", got)
	}
}

// TestWhyNotReconnected: a call that did not have to wait for a new connection on etcd gets the
// reason that the drawing shows: an election before it, or an earlier call that waited instead.
func TestWhyNotReconnected(t *testing.T) {
	const drawn, later = scenarios.AsDrawn, scenarios.Later
	waits := []scenarios.Omitted{{What: scenarios.OmittedReconnect}}
	type run = scenarios.DiagramResult
	call := func(line int, who string, v scenarios.Verdict, omitted []scenarios.Omitted) scenarios.Arrow {
		return scenarios.Arrow{Line: line, Kind: script.Call, From: who, Says: "create /x, as " + who,
			Verdict: v, Omitted: omitted}
	}
	elects := scenarios.Arrow{Line: 2, Kind: script.Happening, Verdict: drawn,
		Says: "expected of the ensemble: elects a leader"}
	leads := elects
	leads.Says = "expected of S2: leads"
	reply := func(v scenarios.Verdict, omitted []scenarios.Omitted) scenarios.Arrow {
		return scenarios.Arrow{Line: 4, Kind: script.Reply, From: "ZK", To: "B", Verdict: v,
			Omitted: omitted}
	}
	const kept = "etcd servers keep their client connections during an election"
	const before = "B had already opened its new connection on etcd, during its call of line 1"
	for _, x := range []struct {
		name            string
		real, simulated []scenarios.Arrow
		want            string
	}{
		{"an election", []scenarios.Arrow{elects, call(3, "B", drawn, nil)},
			[]scenarios.Arrow{elects, call(3, "B", later, waits)}, kept},
		{"its answer", []scenarios.Arrow{elects, call(3, "B", drawn, nil), reply(drawn, nil)},
			[]scenarios.Arrow{elects, call(3, "B", later, waits), reply(later, waits)}, kept},
		{"a leader", []scenarios.Arrow{leads, call(3, "B", drawn, nil)},
			[]scenarios.Arrow{leads, call(3, "B", later, waits)}, kept},
		{"no election", []scenarios.Arrow{call(3, "B", drawn, nil)},
			[]scenarios.Arrow{call(3, "B", later, waits)}, ""},
		{"another call since", []scenarios.Arrow{elects, call(1, "B", drawn, nil),
			call(3, "B", drawn, nil)}, []scenarios.Arrow{elects, call(1, "B", drawn, nil),
			call(3, "B", later, waits)}, ""},
		{"an earlier call waited", []scenarios.Arrow{call(1, "B", later, waits), call(3, "B", drawn, nil)},
			[]scenarios.Arrow{call(1, "B", drawn, nil), call(3, "B", later, waits)}, before},
		{"another client's call waited", []scenarios.Arrow{call(1, "A", later, waits),
			call(3, "B", drawn, nil)}, []scenarios.Arrow{call(1, "A", drawn, nil),
			call(3, "B", later, waits)}, ""},
		{"it waited on etcd", []scenarios.Arrow{elects, call(3, "B", later, waits)},
			[]scenarios.Arrow{elects, call(3, "B", drawn, nil)}, ""},
	} {
		a, b := &run{Arrows: x.real}, &run{Arrows: x.simulated}
		last := len(x.real) - 1
		if got := whyItDiffers(&difference{&a.Arrows[last], &b.Arrows[last], a, b}); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

// TestRace: who was first of two clients is the reason why an answer to one of them differs, on any
// real servers, and only then.
func TestRace(t *testing.T) {
	won := func(who string) []scenarios.Count { return []scenarios.Count{{What: who, N: 1}} }
	answer := func(to string, v scenarios.Verdict) scenarios.Arrow {
		return scenarios.Arrow{Line: 1, Kind: script.Reply, From: "ZK", To: to, Verdict: v,
			Races: to != "D"}
	}
	const race = "A and B call at the same time, and on these servers B was first"
	for _, x := range []struct {
		to              string
		real, simulated []scenarios.Count
		want            string
	}{
		{"B", won("B"), won("A"), race}, {"A", won("B"), won("A"), race},
		{"B", won("B"), won("B"), ""}, {"C", won("B"), won("A"), ""}, {"B", nil, won("A"), ""},
		{"D", won("D"), won("A"), ""}, {"B", won("B"), won("nobody"), ""},
		{"A", won("nobody"), won("A"), ""},
	} {
		a := scenarios.DiagramResult{Winners: x.real,
			Arrows: []scenarios.Arrow{answer(x.to, scenarios.Different)}}
		b := scenarios.DiagramResult{Winners: x.simulated,
			Arrows: []scenarios.Arrow{answer(x.to, scenarios.AsDrawn)}}
		r := realEngine{title: "Apache ZooKeeper"}
		want := "simulated as drawn"
		if x.want != "" {
			want += "; " + x.want
		}
		if g := r.agree(&a.Arrows[0], &a, &b); g.Agrees || g.Why != want {
			t.Errorf("%s, winners %v and %v: %q", x.to, x.real, x.simulated, g.Why)
		}
	}
}

// TestWhyOnZooKeeper: what a server that lags behind changes is named, and nothing else.
func TestWhyOnZooKeeper(t *testing.T) {
	const drawn, later, other, never = scenarios.AsDrawn, scenarios.Later, scenarios.Different,
		scenarios.Never
	waits := []scenarios.Omitted{{What: scenarios.OmittedReconnect}}
	arrow := func(k script.Kind, v scenarios.Verdict) scenarios.Arrow {
		return scenarios.Arrow{Kind: k, From: "ZK", To: "A", Verdict: v}
	}
	again, fired := arrow(script.Event, later), arrow(script.Event, never)
	again.Omitted, fired.Instead = waits, "it fired, and a watch fires only once: add one"
	get := scenarios.Arrow{Line: 1, Kind: script.Call, From: "A", Says: "get /x, as A", Verdict: drawn}
	set := get
	set.Says = "set /x to 1, as A"
	for _, x := range []struct {
		call            scenarios.Arrow
		real, simulated scenarios.Arrow
		stale           int
		want            string
	}{
		{get, again, arrow(script.Event, never), 0, "the client's new server lagged behind: when " +
			"the watch was set there again, that server had not yet applied the later write that " +
			"undid the change"},
		{get, arrow(script.Event, later), arrow(script.Event, never), 0, ""},
		{get, fired, arrow(script.Event, drawn), 0,
			"the watch had already fired, for an earlier change"},
		{get, arrow(script.Reply, drawn), arrow(script.Reply, other), 2,
			"the server that answered lagged behind; stale reads in this run: 2"},
		{get, arrow(script.Reply, drawn), arrow(script.Reply, other), 0, ""},
		{set, arrow(script.Reply, drawn), arrow(script.Reply, other), 2, ""},
	} {
		a := scenarios.DiagramResult{Arrows: []scenarios.Arrow{x.call, x.real}}
		b := scenarios.DiagramResult{Arrows: []scenarios.Arrow{x.call, x.simulated}}
		a.Figures.Stale = x.stale
		if got := whyOnZooKeeper(&difference{&a.Arrows[1], &b.Arrows[1], &a, &b}); got != x.want {
			t.Errorf("%v, simulated %v: %q, want %q", x.real, x.simulated, got, x.want)
		}
	}
}

// TestWhyOtherwiseOnZooKeeper: a setting that real servers lack, a vote that was not sent, and what
// an election changes for connections are named, each only where it is the reason.
func TestWhyOtherwiseOnZooKeeper(t *testing.T) {
	const drawn, later, never = scenarios.AsDrawn, scenarios.Later, scenarios.Never
	const expiry, election, reconnect = scenarios.OmittedExpiry, scenarios.OmittedElection,
		scenarios.OmittedReconnect
	arrow := func(k script.Kind, says string, v scenarios.Verdict, instead string,
		waits ...scenarios.OmittedKind) scenarios.Arrow {
		a := *arrowWith(k, v, instead, waits...)
		a.Line, a.Says, a.From, a.To = 3, says, "B", "B"
		return a
	}
	vote := func(v scenarios.Verdict, instead string) scenarios.Arrow {
		return arrow(script.Packet, "message NOTIFICATION for S1", v, instead)
	}
	lost := func(waits ...scenarios.OmittedKind) scenarios.Arrow {
		return arrow(script.Reply, "answer: connection lost", drawn, "", waits...)
	}
	set := func(v scenarios.Verdict, waits ...scenarios.OmittedKind) scenarios.Arrow {
		return arrow(script.Call, "set /x to 1, as B", v, "", waits...)
	}
	gone := func(waits ...scenarios.OmittedKind) scenarios.Arrow {
		return arrow(script.Event, "notification: NodeDeleted for /x", later, "", waits...)
	}
	leads := arrow(script.Happening, "expected of S2: leads", drawn, "")
	watch := arrow(script.Call, "exists /x, as B", drawn, "")
	const connection = "on these servers the connection ended before the election; "
	for _, x := range []struct {
		before          scenarios.Arrow
		real, simulated scenarios.Arrow
		quick           bool
		want            string
	}{
		{watch, gone(expiry), gone(), true, whyNoQuick},
		{watch, gone(expiry), gone(), false, ""},
		{watch, gone(expiry), gone(expiry), true, ""},
		{watch, vote(never, "S1 sent S2 only: vote for S3"), vote(drawn, ""), false, whyOneVote},
		{watch, vote(never, "S1 sent S2 no NOTIFICATION"), vote(drawn, ""), false, ""},
		{watch, lost(), lost(election), false, connection + aboutAsLong},
		{watch, lost(election), lost(), false,
			"on these servers the election ended before the connection; " + aboutAsLong},
		{watch, lost(), lost(), false, ""},
		{leads, set(drawn), set(later, reconnect), false, whyReconnected},
		{leads, set(later, reconnect), set(later, reconnect), false, ""},
		{watch, set(drawn), set(later, reconnect), false, ""},
	} {
		a := scenarios.DiagramResult{Arrows: []scenarios.Arrow{x.before, x.real}}
		b := scenarios.DiagramResult{Arrows: []scenarios.Arrow{x.before, x.simulated}}
		a.Stage.ExpireOnDisconnect = x.quick
		if got := whyOnZooKeeper(&difference{&a.Arrows[1], &b.Arrows[1], &a, &b}); got != x.want {
			t.Errorf("%v, simulated %v: %q, want %q", x.real, x.simulated, got, x.want)
		}
	}
}

// TestOtherLeader: if another server led first, that is why servers did something else; a reason of
// the engine is better for what clients see.
func TestOtherLeader(t *testing.T) {
	led := func(who ...zab.ID) (d scenarios.DiagramResult) {
		for _, id := range who {
			d.Facts.Reigns = append(d.Facts.Reigns, engine.Reign{Leader: id})
		}
		return d
	}
	const known = "the engine's reason"
	const other = "S2 led first on these servers, and S3 in the simulated run"
	r := realEngine{why: func(*difference) string { return known }}
	for _, x := range []struct {
		kind            script.Kind
		real, simulated scenarios.DiagramResult
		want            string
	}{
		{script.Packet, led(2, 3), led(3), other}, {script.Happening, led(2), led(3), other},
		{script.Packet, led(3, 2), led(3), known}, {script.Packet, led(), led(3), known},
		{script.Call, led(2), led(3), known},
	} {
		x.real.Arrows = []scenarios.Arrow{*arrowWith(x.kind, scenarios.Never, "")}
		x.simulated.Arrows = []scenarios.Arrow{*arrowWith(x.kind, scenarios.AsDrawn, "")}
		g := r.agree(&x.real.Arrows[0], &x.real, &x.simulated)
		if want := "simulated as drawn; " + x.want; g.Why != want || !g.known {
			t.Errorf("%v and %v: %q, want %q", x.real.Facts.Reigns, x.simulated.Facts.Reigns, g.Why, want)
		}
	}
	a, b := led(2), led(3)
	a.Arrows = []scenarios.Arrow{*arrowWith(script.Call, scenarios.Never, "")}
	b.Arrows = []scenarios.Arrow{*arrowWith(script.Call, scenarios.AsDrawn, "")}
	if g := (&realEngine{}).agree(&a.Arrows[0], &a, &b); g.Why != "simulated as drawn; "+other {
		t.Errorf("without another reason: %q", g.Why)
	}
	a.Facts.Reigns = nil
	if g := (&realEngine{}).agree(&a.Arrows[0], &a, &b); g.known || g.Why != "simulated as drawn" {
		t.Errorf("without a reason: %q, known: %t", g.Why, g.known)
	}
}

// TestWithoutFault: a fault that real servers cannot have is named at the messages after it.
func TestWithoutFault(t *testing.T) {
	fault := *arrowWith(script.Fault, scenarios.Unplayed, "")
	fault.Line = 7
	for _, x := range []struct {
		before scenarios.Verdict
		kind   script.Kind
		want   string
	}{
		{scenarios.Unplayed, script.Packet, "on these servers the messages come without the fault of line 7"},
		{scenarios.Applied, script.Packet, ""}, {scenarios.Unplayed, script.Call, ""},
	} {
		fault.Verdict = x.before
		run := scenarios.DiagramResult{Arrows: []scenarios.Arrow{fault,
			*arrowWith(x.kind, scenarios.Never, ""), fault}}
		d := difference{real: &run.Arrows[1], realRun: &run}
		if got := d.withoutFault(); got != x.want {
			t.Errorf("%v after %s: %q", x.kind, x.before, got)
		}
	}
}
