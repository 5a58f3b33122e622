package replay

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
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

// TestWhyOnEtcd: each way in which etcd differs is named where it shows, and nowhere else.
func TestWhyOnEtcd(t *testing.T) {
	arrow := func(k script.Kind, v scenarios.Verdict, instead string,
		waits ...scenarios.OmittedKind) *scenarios.Arrow {
		a := &scenarios.Arrow{Kind: k, Verdict: v, Instead: instead}
		for _, w := range waits {
			a.Omitted = append(a.Omitted, scenarios.Omitted{What: w})
		}
		return a
	}
	const drawn, later, other, never = scenarios.AsDrawn, scenarios.Later, scenarios.Different,
		scenarios.Never
	for _, x := range []struct {
		real, simulated *scenarios.Arrow
		want            string
	}{
		{arrow(script.Event, later, "", scenarios.OmittedReconnect), arrow(script.Event, never, "no"),
			"a watch of etcd misses no change"},
		{arrow(script.Event, never, "it fired, and a watch fires only once: add one"),
			arrow(script.Event, drawn, ""),
			"ZooKeeper's watch had missed the change for which etcd's fired"},
		{arrow(script.Call, other, "not sent: session expired"), arrow(script.Call, later, ""),
			"a client of etcd counts the time of its lease itself"},
		{arrow(script.Call, other, "not sent: session expired"),
			arrow(script.Call, never, "session expired"), ""},
		{arrow(script.Call, other, "connection lost"), arrow(script.Call, never, "no answer"),
			"a call on etcd fails when no answer comes while its lease lives"},
		{arrow(script.Call, other, "connection lost"), arrow(script.Call, drawn, ""), ""},
		{arrow(script.Event, later, "", scenarios.OmittedExpiry), arrow(script.Event, drawn, ""),
			"a lease ends by its time alone"},
		{arrow(script.Call, drawn, ""), arrow(script.Call, later, "", scenarios.OmittedReconnect),
			"a server of etcd keeps its clients during an election"},
		{arrow(script.Call, drawn, ""), arrow(script.Call, later, "", scenarios.OmittedElection), ""},
		{arrow(script.Reply, drawn, ""), arrow(script.Reply, other, `ok: "1"`),
			"reads of etcd are linearizable"},
		{arrow(script.Reply, drawn, ""), arrow(script.Reply, other, "node exists"), ""},
		{arrow(script.Packet, drawn, ""), arrow(script.Packet, never, "no"), ""},
	} {
		if got := whyOnEtcd(x.real, x.simulated); got != x.want {
			t.Errorf("%v, simulated %v: %q, want %q", x.real, x.simulated, got, x.want)
		}
	}
}
