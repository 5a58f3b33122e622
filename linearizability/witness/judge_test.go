package witness

import (
	"fmt"
	"slices"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
)

type op = lin.Operation

// did is an answered operation of a client. A's session is 1, B's is 2, and so on.
func did(client string, from int64, z lin.Zxid, kind lin.Kind, path lin.Path,
	more ...func(*op)) op {
	o := op{Client: lin.Client(client), Session: lin.Session(client[0]-'A') + 1, Kind: kind,
		Path:    path,
		Version: lin.AnyVersion, Call: from, Return: from + 5, Outcome: lin.OK, Zxid: z}
	for _, f := range more {
		f(&o)
	}
	return o
}

func failed(c lin.Code) func(*op) { return func(o *op) { o.Outcome, o.Code = lin.Failed, c } }
func stat(s lin.Stat) func(*op)   { return func(o *op) { o.Result.Stat = &s } }
func data(s string) func(*op)     { return func(o *op) { o.Data = s } }
func saw(s string) func(*op)      { return func(o *op) { o.Result.Data = s } }
func named(p lin.Path) func(*op)  { return func(o *op) { o.Sequential, o.Result.Path = true, p } }
func of(parts ...op) func(*op)    { return func(o *op) { o.Ops = parts } }
func session(s lin.Session) func(*op) {
	return func(o *op) { o.Session = s }
}
func failuresRead(r lin.Record) lin.Record {
	r.FailuresRead = true
	return r
}
func ephemeral(o *op) { o.Ephemeral = true }
func watching(o *op)  { o.Watch = true }
func unknown(o *op)   { o.Outcome, o.Zxid = lin.Unknown, 0 }

func event(z, at int64, kind lin.EventKind, path lin.Path) lin.Event {
	return lin.Event{Client: "A", Session: 1, Kind: kind, Path: path, At: at, Zxid: lin.Zxid(z)}
}

// neighbour is a record that holds, and one that differs in one detail and does not.
type neighbour struct {
	name, check string
	options     Options
	ok, bad     lin.Record
}

var neighbours = slices.Concat(treeNeighbours, aclNeighbours)

var treeNeighbours = []neighbour{
	{"zxid-order", checkOrder, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"), did("B", 10, 2, lin.Create, "/y")),
		ops(did("A", 0, 2, lin.Create, "/x"), did("B", 10, 1, lin.Create, "/y"))},
	{"same-zxid", checkOrder, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"), did("B", 0, 2, lin.Create, "/y")),
		ops(did("A", 0, 1, lin.Create, "/x"), did("B", 0, 1, lin.Create, "/y"))},
	{"lost-write", checkResults, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("B", 10, 2, lin.Create, "/x", failed(lin.NodeExists))),
		ops(did("A", 0, 1, lin.Create, "/x"), did("B", 10, 2, lin.Create, "/x"))},
	{"doubled-write", checkStats, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.Set, "/x", stat(lin.Stat{Version: 1}))),
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.Set, "/x", stat(lin.Stat{Version: 2})))},
	{"unknown-twice", checkStats, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"), did("B", 10, 0, lin.Set, "/x", unknown),
			did("A", 20, 9, lin.Set, "/x", stat(lin.Stat{Version: 2}))),
		ops(did("A", 0, 1, lin.Create, "/x"), did("B", 10, 0, lin.Set, "/x", unknown),
			did("A", 20, 9, lin.Set, "/x", stat(lin.Stat{Version: 3})))},
	{"failure-reads", checkResults, Options{},
		failuresRead(ops(did("A", 0, 1, lin.Create, "/x"),
			did("B", 10, 1, lin.Create, "/x", failed(lin.NodeExists)),
			did("C", 10, 1, lin.Multi, "", failed(lin.NodeExists),
				of(did("C", 10, 0, lin.Create, "/x", failed(lin.NodeExists)))),
			did("A", 20, 2, lin.Delete, "/x"))),
		failuresRead(ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 20, 2, lin.Delete, "/x"),
			did("B", 30, 2, lin.Create, "/x", failed(lin.NodeExists))))},
	{"multi", checkMulti, Options{},
		ops(did("A", 0, 1, lin.Multi, "",
			of(did("A", 0, 0, lin.Create, "/a"), did("A", 0, 0, lin.Create, "/a/b")))),
		ops(did("A", 0, 1, lin.Multi, "",
			of(did("A", 0, 0, lin.Create, "/a/b"), did("A", 0, 0, lin.Create, "/a"))))},
	{"sequential", checkSequential, Options{},
		ops(did("A", 0, 1, lin.Create, "/n-", named("/n-0000000000")),
			did("B", 0, 2, lin.Create, "/n-", named("/n-0000000001"))),
		ops(did("A", 0, 1, lin.Create, "/n-", named("/n-0000000000")),
			did("B", 0, 2, lin.Create, "/n-", named("/n-0000000000")))},
	{"ephemeral-outlives", checkEphemerals, Options{},
		ops(did("A", 0, 1, lin.Create, "/e", ephemeral),
			did("E", 10, 2, lin.CloseSession, "", session(1)),
			did("B", 20, 3, lin.Create, "/e", ephemeral)),
		ops(did("A", 0, 1, lin.Create, "/e", ephemeral),
			did("E", 10, 2, lin.CloseSession, "", session(1)),
			did("B", 20, 3, lin.Create, "/e", ephemeral, failed(lin.NodeExists)))},
	{"ephemeral-early", checkEphemerals, Options{},
		ops(did("A", 0, 1, lin.Create, "/e", ephemeral),
			did("B", 10, 2, lin.Create, "/e", ephemeral, failed(lin.NodeExists))),
		ops(did("A", 0, 1, lin.Create, "/e", ephemeral),
			did("B", 10, 2, lin.Create, "/e", ephemeral))},
	{"czxid", checkStats, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.Set, "/x", stat(lin.Stat{Version: 1, Czxid: 1}))),
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.Set, "/x", stat(lin.Stat{Version: 1, Czxid: 2})))},
	{"mzxid", checkStats, Options{},
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.Set, "/x", stat(lin.Stat{Version: 1, Mzxid: 2}))),
		ops(did("A", 0, 1, lin.Create, "/x"),
			did("A", 10, 2, lin.Set, "/x", stat(lin.Stat{Version: 1, Mzxid: 1})))},
	{"own-write", checkSessions, Options{},
		ops(did("A", 0, 2, lin.Create, "/x", data("1")), did("A", 10, 2, lin.Get, "/x", saw("1"))),
		ops(did("A", 0, 2, lin.Create, "/x", data("1")),
			did("A", 10, 1, lin.Exists, "/x", failed(lin.NoNode)))},
	{"wrong-value", checkReads, Options{},
		ops(did("A", 0, 1, lin.Create, "/x", data("1")), did("B", 10, 1, lin.Get, "/x", saw("1"))),
		ops(did("A", 0, 1, lin.Create, "/x", data("1")), did("B", 10, 1, lin.Get, "/x", saw("2")))},
	{"from-the-future", checkReads, Options{},
		ops(did("A", 5, 1, lin.Create, "/x", data("1")), did("B", 0, 1, lin.Get, "/x", saw("1"))),
		ops(did("A", 6, 1, lin.Create, "/x", data("1")), did("B", 0, 1, lin.Get, "/x", saw("1")))},
	{"stale-read", checkFresh, Options{Linearizable: true},
		ops(did("A", 0, 2, lin.Create, "/x"), did("B", 5, 1, lin.Exists, "/x", failed(lin.NoNode))),
		ops(did("A", 0, 2, lin.Create, "/x"),
			did("B", 6, 1, lin.Exists, "/x", failed(lin.NoNode)))},
	{"sync", checkSync, Options{QuorumSync: true},
		ops(did("A", 0, 2, lin.Create, "/x"), did("B", 6, 1, lin.Sync, "/x"),
			did("B", 20, 2, lin.Exists, "/x")),
		ops(did("A", 0, 2, lin.Create, "/x"), did("B", 6, 1, lin.Sync, "/x"),
			did("B", 20, 1, lin.Exists, "/x", failed(lin.NoNode)))},
	{"watch-late", checkWatches, Options{},
		watched(event(2, 25, lin.EventCreated, "/x")),
		watched(event(2, 26, lin.EventCreated, "/x"))},
	{"watch-kind", checkWatches, Options{},
		watched(event(2, 24, lin.EventCreated, "/x")),
		watched(event(2, 24, lin.EventDeleted, "/x"))},
	{"watch-twice", checkWatches, Options{},
		watched(event(2, 24, lin.EventCreated, "/x")),
		watched(event(2, 23, lin.EventCreated, "/x"), event(2, 24, lin.EventCreated, "/x"))},
	{"watch-gap", checkWatches, Options{}, gap(true), gap(false)},
	{"fencing", checkFencing, Options{},
		lin.Record{Accesses: []lin.Access{{Client: "B", Fenced: true, Token: 2, Accepted: true},
			{Client: "A", Fenced: true, Token: 1}}},
		lin.Record{Accesses: []lin.Access{{Client: "B", Fenced: true, Token: 2, Accepted: true},
			{Client: "A", Fenced: true, Token: 1, Accepted: true}}}},
}

func ops(list ...op) lin.Record { return lin.Record{Ops: list} }

// watched: A waits for /x, and B creates it.
func watched(events ...lin.Event) lin.Record {
	r := ops(did("A", 0, 1, lin.Exists, "/x", failed(lin.NoNode), watching),
		did("B", 10, 2, lin.Create, "/x"),
		did("A", 20, 2, lin.Exists, "/x"))
	r.Events = events
	return r
}

// gap: A waits for /x, which is created and deleted while A is disconnected, or connected.
func gap(disconnected bool) lin.Record {
	r := ops(did("A", 0, 1, lin.Exists, "/x", failed(lin.NoNode), watching),
		did("B", 10, 2, lin.Create, "/x"),
		did("B", 15, 3, lin.Delete, "/x"), did("A", 30, 3, lin.Exists, "/x", failed(lin.NoNode)))
	if disconnected {
		r.Events = append(r.Events, lin.Event{Client: "A", Session: 1, Kind: lin.Reconnected,
			At: 25})
	}
	return r
}

// TestNeighbours: each check alone rejects the record that it should, and accepts the neighbour.
func TestNeighbours(t *testing.T) {
	for _, n := range slices.Concat(neighbours, watchNeighbours) {
		t.Run(n.name, func(t *testing.T) {
			good, err := Judge(n.ok, n.options)
			if err != nil || good.Result() != lin.Linearizable {
				t.Errorf("the record that holds: %v %+v", err, good.Verdicts)
			}
			bad, err := Judge(n.bad, n.options)
			if err != nil || bad.Of(n.check).Result != lin.Broken || bad.Of(n.check).Text == "" {
				t.Errorf("the record that does not: %v %+v", err, bad.Verdicts)
			}
			for _, v := range bad.Verdicts {
				if v.Check != n.check && v.Result != lin.Linearizable {
					t.Errorf("%s fires as well: %s", v.Check, v.Text)
				}
			}
		})
	}
}

// TestFigures: what ZooKeeper does not promise is measured, not judged.
func TestFigures(t *testing.T) {
	r := ops(did("A", 0, 2, lin.Create, "/x"), did("B", 6, 1, lin.Sync, "/x"),
		did("B", 20, 1, lin.Exists, "/x", failed(lin.NoNode)))
	r.Beliefs = []lin.Belief{{Client: "A", From: 0, To: 10}, {Client: "B", From: 4, To: 20},
		{Client: "C", From: 8, To: 12}}
	r.Accesses = []lin.Access{{Token: 2, Accepted: true}, {Token: 1, Accepted: true}}
	got, err := Judge(r, Options{})
	want := Figures{Reads: 1, Stale: 1, Staleness: 20, SyncStale: 1, Beliefs: 3, Overlap: 8,
		Unfenced: 1,
		Longest:  Overlap{"", "A", "B", 4, 10}}
	if err != nil || got.Result() != lin.Linearizable || got.Figures != want {
		t.Errorf("%v, %v, %+v", err, got.Result(), got.Figures)
	}
}

// TestUndecided: with too many writes without a zxid the verdict is never ok.
func TestUndecided(t *testing.T) {
	r := ops(did("A", 0, 1<<32, lin.Create, "/x"))
	for range 40 {
		r.Ops = append(r.Ops, did("B", 10, 0, lin.Set, "/x", unknown))
	}
	r.Ops = append(r.Ops, did("C", 20, 2<<32, lin.Delete, "/x", func(o *op) { o.Version = 41 }))
	if got, err := Judge(r, Options{}); err != nil || got.Result() != lin.Undecided {
		t.Errorf("%v, %v: %+v", err, got.Result(), got.Verdicts)
	}
}

func busy(n int) lin.Record {
	var r lin.Record
	versions := make([]int32, 100)
	for p := range versions {
		r.Initial = append(r.Initial, lin.Node{Path: lin.Path(fmt.Sprint("/p", p))})
	}
	for i := range n {
		p, client := i%100, string(rune('A'+i%20))
		path := lin.Path(fmt.Sprint("/p", p))
		if i%3 == 0 {
			versions[p]++
			r.Ops = append(r.Ops, did(client, int64(i), lin.Zxid(i+1), lin.Set, path,
				stat(lin.Stat{Version: versions[p]})))
		} else {
			r.Ops = append(r.Ops, did(client, int64(i), lin.Zxid(i+1), lin.Get, path,
				stat(lin.Stat{Version: versions[p]})))
		}
	}
	return r
}

func BenchmarkJudge(b *testing.B) {
	r := busy(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := Judge(r, Options{}); err != nil || got.Result() != lin.Linearizable {
			b.Fatal(err, got.Verdicts)
		}
	}
}
