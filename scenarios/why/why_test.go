package why

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/scenarios/calm"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/zab/flaw"
)

// A run of the tests: three servers, two clients and a store.
var header = trace.Header{Nodes: []trace.Node{{ID: "S1", Kind: "server"}, {ID: "S2",
	Kind: "server"},
	{ID: "S3", Kind: "server"}, {ID: "A", Kind: "client"}, {ID: "B", Kind: "client"}}}

// run numbers events, which are 1 ms apart where they have no time. Without a cause they have none.
func run(events ...trace.Event) []trace.Event {
	for i := range events {
		e := &events[i]
		e.I = int64(i)
		if e.T == 0 {
			e.T = int64(i+1) * 1000
		}
		if e.Cause == 0 {
			e.Cause = -1
		}
	}
	return events
}

func set[T any](v T) *T { return &v }

// role lets a server take a role.
func role(who, role, leader string) trace.Event {
	return trace.Event{N: who, K: "role", Say: who + " is " + role,
		Patch: trace.Patch{Role: role, Leader: &leader, Epoch: set(uint32(1))}}
}

func logs(who, z string) trace.Event {
	return trace.Event{N: who, K: "log", Say: who + " logs " + z, Patch: trace.Patch{
		Log: &trace.Record{Z: z, Op: "create /a"}}}
}

func sends(who, to, kind, z, drawn string) trace.Event {
	return trace.Event{N: who, K: "send", Say: who + " sends " + kind, Drawn: drawn,
		Msg: &trace.Message{To: to, Kind: kind, Z: z}}
}

// says demands that a text contains words.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ") // lines are wrapped
	for _, w := range words {
		if !strings.Contains(flat, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}

// TestNamesNodeAndField: of two trees at one zxid, the node, the field and the servers are named.
func TestNamesNodeAndField(t *testing.T) {
	applies := func(who string, version int32) trace.Event {
		return trace.Event{N: who, K: "commit", Say: who + " applies 1/1: create /a",
			Patch: trace.Patch{
				Com: set("1/1"), Tree: []trace.TreeChange{{Path: "/a", Version: version, Cz: "1/1",
					Mz: "1/1"}}}}
	}
	x := Explain(&Failure{Property: "StateAtZxid", Text: "the tree of S2 at zxid 1/1 differs",
		Header: &header, Broke: 3, Events: run(role("S1", "leading", "S1"), role("S2",
			"following", "S1"),
			applies("S1", 1), applies("S2", 2))})
	says(t, strings.Join(x.Differs, "\n"), "at 1/1, node /a", "version is 1 on S1 and 2 on S2")
	says(t, strings.Join(x.Should, "\n"), "the same tree")
}

// TestSigns plants one wrong step of a server in each run.
func TestSigns(t *testing.T) {
	acc := trace.Event{N: "S2", K: "persist", Say: "S2 has epochs on disk", Patch: trace.Patch{
		Acc: set(uint32(1))}}
	for _, c := range []struct {
		name   string
		events []trace.Event
		words  []string
	}{
		{"vote beyond the log", []trace.Event{logs("S2", "1/1"), role("S2", "looking", ""),
			sends("S2", "S1", "NOTIFICATION", "", "vote for S2 (zxid 1/5, epoch 0, round 1)")},
			[]string{"S2 votes for itself with zxid 1/5, but its log ends at 1/1"}},
		{"promise before the write", []trace.Event{role("S2", "syncing", "S1"),
			sends("S2", "S1", "ACKEPOCH", "", "")},
			[]string{"S2 sends ACKEPOCH for epoch 1 to S1 while acceptedEpoch on its disk is 0"}},
		{"NEWLEADER before the epoch", []trace.Event{acc, role("S2", "syncing", "S1"),
			sends("S2", "S1", "ACK", "1/0", "")},
			[]string{"S2 acks NEWLEADER 1/0 to S1 while currentEpoch on its disk is still 0"}},
		{"ack before the disk", []trace.Event{role("S2", "following", "S1"), logs("S2", "1/1"),
			sends("S2", "S1", "ACK", "1/1", "")},
			[]string{"S2 acks 1/1 to S1 while its log on disk ends at 0/0"}},
		{"hole", []trace.Event{logs("S2", "1/1"), logs("S2", "1/3")},
			[]string{"S2 logs 1/3 directly after 1/1"}},
		{"snapshot too early", []trace.Event{role("S2", "looking", ""), {N: "S2", K: "snap",
			Say: "S2 has a snapshot at 1/7 on disk"}}, []string{"S2 writes a snapshot at 1/7 " +
			"while it is looking"}},
		{"no quorum", []trace.Event{role("S1", "leading", "S1"), {N: "S1", K: "role", Key: "leader",
			Say: "S1 leads: epoch 1 is established"}}, []string{"S1 considers itself " +
			"established in epoch 1 after ACKs from S1: only 1 of the",
			"voters has acknowledged, but a quorum needs 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := Explain(&Failure{Property: "TypeOK", Text: "S1 and S2 disagree", Header: &header,
				Events: run(c.events...), Broke: int64(len(c.events) - 1)})
			if x.First == nil {
				t.Fatal("no first wrong step")
			}
			says(t, x.First.Text, c.words...)
			says(t, x.String(), "First wrong step", "step ")
		})
	}
}

// call and answer are a client's call and its answer.
func call(who string, at int64, drawn string) trace.Event {
	return trace.Event{N: who, K: "op.call", T: at, Say: who + " asks: " + drawn, Drawn: drawn}
}

func answer(who string, at int64, drawn, asked string) trace.Event {
	return trace.Event{N: who, K: "op.ret", T: at, Say: who + " hears: ok (" + asked + ")",
		Drawn: drawn}
}

const (
	first  = "ff72aaaaaaaaaaaa-n_0000000000"
	second = "c720bbbbbbbbbbbb-n_0000000001"
)

// TestRecipes plants one wrong decision of a client in each record.
func TestRecipes(t *testing.T) {
	holds := func(who lin.Client, node string, at int64) lin.Mark {
		return lin.Mark{Client: who, Kind: lin.Holds, Office: "/lock",
			Node: lin.Path("/lock/" + node),
			As:   lin.Exclusive, Line: true, Session: 7, At: at}
	}
	list := lin.Operation{Client: "B", Kind: lin.Children, Path: "/lock", Call: 2000, Return: 3000,
		Outcome: lin.OK, Result: lin.Result{Children: []string{second, first}}}
	for _, c := range []struct {
		property, text string
		record         lin.Record
		words          []string
	}{
		{"MutualExclusion", "A holds /lock by " + first + ", and B by " + second, lin.Record{
			Ops: lin.History{list}, Marks: []lin.Mark{holds("A", first, 1000), holds("B",
				second, 3000)}},
			[]string{"B decides that it holds /lock", "c720…-n_1", "waited until ff72…-n_0 was deleted",
				"sorts by whole names, which begin with a random GUID", "B got no notification"}},
		{"StepsDown", "A holds /lock by " + first + " until 0.009000s",
			lin.Record{Marks: []lin.Mark{
				holds("A", first, 1000), {Client: "A", Kind: lin.SessionOver, Session: 7, At: 2000},
				{Client: "A", Kind: lin.Died, At: 9000}}},
			[]string{"A learns that", "does not release /lock until", "means \"until the end of the run\""}},
		{"TakenOnce", "A took /q/i, and B took /q/i again", lin.Record{Ops: lin.History{
			{Client: "A", Kind: lin.Delete, Path: "/q/i", Call: 100, Return: 900,
				Outcome: lin.OK, Txn: 1<<32 | 4},
			{Client: "B", Kind: lin.Delete, Path: "/q/i", Call: 200, Return: 2000,
				Outcome: lin.Failed,
				Code:    lin.NoNode}}, Marks: []lin.Mark{
			{Client: "A", Kind: lin.Took, Office: "/q", Node: "/q/i", At: 1000},
			{Client: "B", Kind: lin.Took, Office: "/q", Node: "/q/i", At: 2000}}},
			[]string{"B says that it took /q/i", `failed with "no node"`, "A called delete",
				"in transaction 1/4"}},
		{"BarrierSize", "B passes the barrier /meet: /meet/ready", lin.Record{Ops: lin.History{
			{Client: "B", Kind: lin.Children, Path: "/meet", Call: 100, Return: 200,
				Outcome: lin.OK,
				Result:  lin.Result{Children: []string{"B"}}},
			{Client: "B", Kind: lin.Create, Path: "/meet/ready", Call: 300, Return: 400,
				Outcome: lin.OK}}},
			[]string{"B creates /meet/ready", "the list [B]", "in the list is 1"}},
		{"witness/fencing", "store accepted token 4294967297 of A after token 4294967298 of B",
			lin.Record{
				Accesses: []lin.Access{{Client: "B", Resource: "store", At: 1000, Token: 1<<32 | 2,
					Accepted: true},
					{Client: "A", Resource: "store", At: 2000, Token: 1<<32 | 1, Accepted: true}}},
			[]string{"store accepts a write of A with token 1/1", "accepted token 1/2 of B"}},
	} {
		t.Run(c.property, func(t *testing.T) {
			x := Explain(&Failure{Property: c.property, Text: c.text, Header: &header,
				Record: &c.record,
				Broke:  1, Events: run(call("A", 500, "children /lock"), call("B", 3000,
					"children /lock"))})
			if x.First == nil {
				t.Fatal("no first wrong step")
			}
			says(t, x.String(), c.words...)
		})
	}
}

// TestSyncNamesTheServer: of a stale read after a sync, the server that answered the sync is named,
// and that it asked nobody.
func TestSyncNamesTheServer(t *testing.T) {
	reply := sends("S2", "B", "REPLY", "1/1", "success")
	got := trace.Event{N: "B", K: "recv", T: 3000, Say: "B gets REPLY from S2", Cause: 2}
	ret := answer("B", 3000, "success", "sync /a")
	ret.Cause = 3
	x := Explain(&Failure{Property: "witness/sync", Text: "stale read after sync: B: get /a at " +
		"zxid 1/1",
		Header: &header, Broke: 5, Events: run(role("S2", "leading", "S2"), call("B", 1500,
			"sync /a"),
			reply, got, ret, answer("B", 4000, "ok", "get /a"))})
	if x.First == nil {
		t.Fatal("no first wrong step")
	}
	says(t, x.First.Text, "S2 answers the sync #1 of B", "S2 leads epoch 1",
		"sent no message to any other server")
}

// TestCallAndAnswer: a call is told with its number, its version and its answer, in one line.
func TestCallAndAnswer(t *testing.T) {
	x := Explain(&Failure{Property: "OwnRelease", Text: "A deletes /l, although the node " +
		"belongs to B",
		Header: &header, Broke: 2, Record: &lin.Record{Ops: lin.History{{Client: "A",
			Kind: lin.Delete,
			Path: "/l", Call: 1000, Return: 2000, Version: lin.AnyVersion, Outcome: lin.OK}}},
		Events: run(call("A", 1000, "delete /l"), answer("A", 2000, "success", "delete /l"),
			call("A", 3000, "delete /l"))})
	says(t, x.String(), "A asks #1: delete /l (any version) → success at 0.002s",
		"A asks #2: delete /l → no answer")
	says(t, x.Draw("title"), "title")
}

// TestShort: names show their numbers, a sequence number is no token, and names stay different.
func TestShort(t *testing.T) {
	x := &Explanation{Property: "EphemeralLifetime"}
	for _, c := range [][2]string{
		{"/lock/" + first, "/lock/ff72…-n_0"},
		{"/lock/" + second, "/lock/c720…-n_1"},
		{"/lock/ff72bbbbbbbbbbbb-n_0000000012", "/lock/ff72bbbbbbbbbbbb-n_12"},
		{"node /e-0000000010", "node /e-0000000010"},
		{"S5 pauses for 1826739us", "S5 pauses for 1.826739s"},
		{"full S3", "the disk of S3 is full from now on"},
		{"wall S5 +1h", "the wall clock of S5 jumps by +1h"},
		{"hold S5 > S1 PROPOSAL", "the network holds back every PROPOSAL from S5 to S1"},
		{"S1 joins S4: discovery", "S1 joins leader S4, in phase discovery"},
	} {
		if got := x.tokens(x.short(plain(c[0]))); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
	x.Property = "witness/fencing"
	if got := x.tokens("token 4294967304 of A, /e-0000000010"); got != "token 1/8 of A, "+
		"/e-0000000010" {
		t.Error(got)
	}
}

// TestVotes: both results of the comparison are told.
func TestVotes(t *testing.T) {
	text := strings.Join(votes("of the votes {4 1/39 1} and {3 1/39 2}, each beats the other"),
		"\n")
	says(t, text, `true for "{4 1/39 1} beats {3 1/39 2}"`,
		`true for "{3 1/39 2} beats {4 1/39 1}"`,
		"the vote {3 1/39 2} beats the other vote, because of the epoch")
	text = strings.Join(votes("of the votes {7 0/0 0} and {7 0/0 1}, neither beats the other"),
		"\n")
	says(t, text, `false for "{7 0/0 0} beats {7 0/0 1}"`)
}

// TestEveryPropertyHasASentence: what should have been is told for every property of the code.
func TestEveryPropertyHasASentence(t *testing.T) {
	names := append(calm.Names(), promise.Names()...)
	for _, e := range flaw.All() {
		names = append(names, e.Catches...)
	}
	named := regexp.MustCompile(`(?:broken|fail|inconsistent)\(\s*"([A-Za-z]{6,})"`)
	checked := regexp.MustCompile(`\tcheck[A-Z]\w* += "([a-z-]+)"`)
	constant := regexp.MustCompile(`(?m)^\t([A-Z][A-Za-z]{5,})\s+= "([A-Za-z]+)"`)
	count := 0
	for _, pattern := range []string{"zab", "zab/safety", "scenarios/audit", "scenarios/ensemble",
		"scenarios/fuzz", "tree/server", "linearizability/witness"} {
		list, err := filepath.Glob(filepath.Join("../..", pattern, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range constant.FindAllStringSubmatch(string(text), -1) {
				if m[1] == m[2] {
					names = append(names, m[1])
					count++
				}
			}
			found := append(named.FindAllStringSubmatch(string(text), -1),
				checked.FindAllStringSubmatch(string(text), -1)...)
			for _, m := range found {
				names = append(names, m[1])
				count++
			}
		}
	}
	if count < 30 {
		t.Errorf("only %d names in the code: the patterns are out of date", count)
	}
	for _, n := range names {
		if len(shoulds(n)) == 0 {
			t.Errorf("%s has no sentence in rules.go", n)
		}
	}
}
