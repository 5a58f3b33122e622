package linearizability

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// call is a successful operation of client A, B or C, whose session is 1, 2 or 3.
func call(client Client, from, to int64, kind Kind, path Path) Operation {
	return Operation{
		Client: client, Session: Session(client[0]-'A') + 1, Kind: kind, Path: path,
		Version: AnyVersion, Call: from, Return: to, Outcome: OK,
	}
}

func (op Operation) with(change func(*Operation)) Operation {
	change(&op)
	return op
}

func (op Operation) failed(c Code) Operation {
	op.Outcome, op.Code = Failed, c
	return op
}

func (op Operation) unknown() Operation {
	op.Outcome = Unknown
	return op
}

func (op Operation) data(s string) Operation {
	op.Data = s
	return op
}

func (op Operation) at(version int32) Operation {
	op.Version = version
	return op
}

func (op Operation) ephemeral() Operation {
	op.Ephemeral = true
	return op
}

func (op Operation) named(p Path) Operation {
	op.Sequential, op.Result.Path = true, p
	return op
}

func (op Operation) stat(version int32) Operation {
	op.Result.Stat = &Stat{Version: version}
	return op
}

func (op Operation) czxid(z Zxid) Operation {
	op.Result.Stat = &Stat{Czxid: z}
	return op
}

func (op Operation) saw(data string) Operation {
	op.Result.Data = data
	return op
}

func (op Operation) listed(names ...string) Operation {
	op.Result.Children = names
	return op
}

func (op Operation) of(parts ...Operation) Operation {
	op.Ops = parts
	return op
}

func expiry(session Session, from, to int64, deleted ...Path) Operation {
	return Operation{
		Client: "ensemble", Session: session, Kind: CloseSession, Call: from, Return: to,
		Outcome: OK, Result: Result{Deleted: deleted},
	}
}

// neighbours are histories that hold, each with one that does not, and the operation to blame.
var neighbours = []struct {
	name    string
	scope   Scope
	ok, bad History
	blame   int
}{
	{
		name: "LostWrite",
		ok: History{
			call("A", 0, 10, Create, "/x"), call("A", 20, 30, Set, "/x").stat(1),
			call("B", 40, 50, Set, "/x").stat(2),
		},
		bad: History{
			call("A", 0, 10, Create, "/x"), call("A", 20, 30, Set, "/x").stat(1),
			call("B", 40, 50, Set, "/x").stat(1),
		},
		blame: 2,
	},
	{
		name: "DoubledWrite",
		ok: History{
			call("A", 0, 10, Create, "/x"), call("A", 20, 30, Set, "/x"),
			call("B", 40, 50, Set, "/x").at(1),
		},
		bad: History{
			call("A", 0, 10, Create, "/x"), call("A", 20, 30, Set, "/x"),
			call("B", 40, 50, Set, "/x").at(2),
		},
		blame: 2,
	},
	{
		name: "VersionSkipped",
		ok: History{
			call("A", 0, 10, Create, "/x"), call("A", 20, 30, Set, "/x").at(0),
			call("B", 20, 30, Set, "/x").at(0).failed(BadVersion),
		},
		bad: History{
			call("A", 0, 10, Create, "/x"), call("A", 20, 30, Set, "/x").at(0),
			call("B", 20, 30, Set, "/x").at(0),
		},
		blame: 2,
	},
	{
		name: "TwoWinners",
		ok: History{
			call("A", 0, 10, Create, "/leader").ephemeral(),
			call("B", 0, 10, Create, "/leader").failed(NodeExists),
		},
		bad: History{
			call("A", 0, 10, Create, "/leader").ephemeral(), call("B", 0, 10, Create, "/leader"),
		},
		blame: 1,
	},
	{
		name: "NodeExistsWithoutNode",
		ok: History{
			call("A", 5, 10, Create, "/leader"),
			call("B", 0, 6, Create, "/leader").failed(NodeExists),
		},
		bad: History{
			call("A", 7, 10, Create, "/leader"),
			call("B", 0, 6, Create, "/leader").failed(NodeExists),
		},
		blame: 1,
	},
	{
		name: "NotEmptyWithoutChild",
		ok: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Create, "/a/x"),
			call("B", 4, 5, Delete, "/a").failed(NotEmpty),
		},
		bad: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Delete, "/a/x").failed(NoNode),
			call("B", 4, 5, Delete, "/a").failed(NotEmpty),
		},
		blame: 2,
	},
	{
		name: "ChildOfDeleted",
		ok: History{
			call("A", 0, 1, Create, "/a"), call("B", 2, 5, Create, "/a/x").failed(NoNode),
			call("A", 3, 4, Delete, "/a"),
		},
		bad: History{
			call("A", 0, 1, Create, "/a"), call("B", 2, 5, Create, "/a/x"),
			call("A", 3, 4, Delete, "/a"),
		},
		blame: 2,
	},
	{
		name: "ChildOfEphemeral",
		ok: History{
			call("A", 0, 1, Create, "/a").ephemeral(),
			call("A", 2, 3, Create, "/a/x").failed(NoChildrenForEphemerals),
		},
		bad: History{
			call("A", 0, 1, Create, "/a").ephemeral(), call("A", 2, 3, Create, "/a/x"),
		},
		blame: 1,
	},
	{
		name: "SequentialTwice",
		ok: History{
			call("A", 0, 9, Create, "/n-").named("/n-0000000001"),
			call("B", 0, 9, Create, "/n-").named("/n-0000000000"),
		},
		bad: History{
			call("A", 0, 9, Create, "/n-").named("/n-0000000000"),
			call("B", 0, 9, Create, "/n-").named("/n-0000000000"),
		},
		blame: 1,
	},
	{
		name: "SequentialBackwards",
		ok: History{
			call("A", 0, 1, Create, "/n-").named("/n-0000000000"),
			call("A", 2, 3, Delete, "/n-0000000000"),
			call("B", 4, 5, Create, "/n-").named("/n-0000000001"),
		},
		bad: History{
			call("A", 0, 1, Create, "/n-").named("/n-0000000000"),
			call("A", 2, 3, Delete, "/n-0000000000"),
			call("B", 4, 5, Create, "/n-").named("/n-0000000000"),
		},
		blame: 2,
	},
	{
		name: "MultiHalfApplied",
		ok: History{
			call("A", 0, 1, Multi, "").of(call("A", 0, 0, Create, "/a"),
				call("A", 0, 0, Create, "/b")),
			call("B", 2, 3, Create, "/a").failed(NodeExists),
			call("B", 4, 5, Create, "/b").failed(NodeExists),
		},
		bad: History{
			call("A", 0, 1, Multi, "").of(call("A", 0, 0, Create, "/a"),
				call("A", 0, 0, Create, "/b")),
			call("B", 2, 3, Create, "/a").failed(NodeExists), call("B", 4, 5, Create, "/b"),
		},
		blame: 2,
	},
	{
		name: "MultiFailedYetApplied",
		ok: History{
			call("A", 0, 1, Multi, "").of(call("A", 0, 0, Create, "/a"),
				call("A", 0, 0, Delete, "/b").failed(NoNode)).failed(NoNode),
			call("B", 2, 3, Create, "/a"),
		},
		bad: History{
			call("A", 0, 1, Multi, "").of(call("A", 0, 0, Create, "/a"),
				call("A", 0, 0, Delete, "/b").failed(NoNode)).failed(NoNode),
			call("B", 2, 3, Create, "/a").failed(NodeExists),
		},
		blame: 1,
	},
	{
		name: "EphemeralVanishedEarly",
		ok: History{
			call("A", 0, 1, Create, "/leader").ephemeral(),
			call("B", 5, 6, Create, "/leader").ephemeral(),
			expiry(1, 4, 9, "/leader"),
		},
		bad: History{
			call("A", 0, 1, Create, "/leader").ephemeral(),
			call("B", 5, 6, Create, "/leader").ephemeral(),
			expiry(1, 8, 9, "/leader"),
		},
		blame: 1,
	},
	{
		name: "EphemeralOutlivesItsSession",
		ok: History{
			call("A", 0, 1, Create, "/leader").ephemeral(), expiry(1, 2, 3),
			call("B", 5, 6, Create, "/leader"),
		},
		bad: History{
			call("A", 0, 1, Create, "/leader").ephemeral(), expiry(1, 2, 3),
			call("B", 5, 6, Create, "/leader").failed(NodeExists),
		},
		blame: 2,
	},
	{
		name: "EphemeralAfterItsSession",
		ok: History{
			call("A", 2, 5, Create, "/leader").ephemeral(), expiry(1, 2, 3, "/leader"),
		},
		bad: History{
			call("A", 4, 5, Create, "/leader").ephemeral(), expiry(1, 2, 3),
		},
		blame: 0,
	},
	{
		name: "ExpiryMissesOne",
		ok: History{
			call("A", 0, 1, Create, "/a").ephemeral(), call("A", 0, 1, Create, "/b").ephemeral(),
			expiry(1, 2, 3, "/b", "/a"),
		},
		bad: History{
			call("A", 0, 1, Create, "/a").ephemeral(), call("A", 0, 1, Create, "/b").ephemeral(),
			expiry(1, 2, 3, "/a"),
		},
		blame: 2,
	},
	{
		name: "UnknownTwice",
		ok: History{
			call("A", 0, 1, Create, "/x"), call("A", 2, 3, Set, "/x").unknown(),
			call("B", 5, 6, Set, "/x").stat(1), call("B", 7, 8, Set, "/x").stat(3),
		},
		bad: History{
			call("A", 0, 1, Create, "/x"), call("A", 2, 3, Set, "/x").unknown(),
			call("B", 5, 6, Set, "/x").stat(2), call("B", 7, 8, Set, "/x").stat(4),
		},
		blame: 3,
	},
	{
		name: "UnknownBeforeItsCall",
		ok: History{
			call("B", 0, 1, Create, "/x").failed(NodeExists),
			call("A", 1, 2, Create, "/x").unknown(),
		},
		bad: History{
			call("B", 0, 1, Create, "/x").failed(NodeExists),
			call("A", 2, 3, Create, "/x").unknown(),
		},
		blame: 0,
	},
	{
		name: "UnknownSequential",
		ok: History{
			call("A", 0, 1, Create, "/n-").unknown().with(func(op *Operation) {
				op.Sequential = true
			}),
			call("B", 2, 3, Create, "/n-").named("/n-0000000001"),
			call("B", 4, 5, Delete, "/n-0000000000"),
		},
		bad: History{
			call("A", 0, 1, Create, "/n-").unknown().with(func(op *Operation) {
				op.Sequential = true
			}),
			call("B", 2, 3, Create, "/n-").named("/n-0000000001"),
			call("B", 4, 5, Delete, "/n-0000000000").failed(NoNode),
		},
		blame: 2,
	},
	{
		name:  "StaleRead",
		scope: All,
		ok: History{
			call("A", 0, 1, Create, "/x").data("1"), call("A", 2, 5, Set, "/x").data("2"),
			call("B", 4, 6, Get, "/x").saw("1"),
		},
		bad: History{
			call("A", 0, 1, Create, "/x").data("1"), call("A", 2, 3, Set, "/x").data("2"),
			call("B", 4, 6, Get, "/x").saw("1"),
		},
		blame: 2,
	},
	{
		name:  "ChildrenOfTwoMoments",
		scope: All,
		ok: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Create, "/b"),
			call("B", 2, 9, Children, "/").listed("b", "a"),
		},
		bad: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Create, "/b"),
			call("B", 2, 9, Children, "/").listed("b"),
		},
		blame: 2,
	},
	{
		name:  "TwoCzxids",
		scope: All,
		ok: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Exists, "/a").czxid(7),
			call("B", 2, 3, Exists, "/a").czxid(7),
		},
		bad: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Exists, "/a").czxid(7),
			call("B", 4, 5, Exists, "/a").czxid(8),
		},
		blame: 2,
	},
	{
		name:  "ExistsAfterDelete",
		scope: All,
		ok: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Delete, "/a"),
			call("B", 3, 4, Exists, "/a").stat(0),
		},
		bad: History{
			call("A", 0, 1, Create, "/a"), call("A", 2, 3, Delete, "/a"),
			call("B", 4, 5, Exists, "/a").stat(0),
		},
		blame: 2,
	},
}

func TestNeighbours(t *testing.T) {
	for _, n := range neighbours {
		t.Run(n.name, func(t *testing.T) {
			v, err := Check(n.ok, Options{Scope: n.scope})
			if err != nil || v.Result != Linearizable {
				t.Errorf("the history that holds: %v, %v; longest %v, blame %v", v.Result, err,
					v.Longest, v.Blame)
			}
			v, err = Check(n.bad, Options{Scope: n.scope})
			if err != nil || v.Result != Broken || !slices.Contains(v.Blame, n.blame) {
				t.Errorf("the history that does not: %v, %v; longest %v, blame %v, want %d",
					v.Result, err, v.Longest, v.Blame, n.blame)
			}
			explained(t, &v)
			if n.scope != All {
				return
			}
			if v, _ = Check(n.bad, Options{}); v.Result != Linearizable ||
				!slices.Contains(v.Left, n.blame) {
				t.Errorf("only its writes: %v, left %v", v.Result, v.Left)
			}
		})
	}
}

// explained checks that for every operation blamed the model's answer differs from the one seen.
func explained(t *testing.T, v *Verdict) {
	t.Helper()
	if len(v.Misses) != len(v.Blame) {
		t.Errorf("%d explanations of %v", len(v.Misses), v.Blame)
	}
	for _, m := range v.Misses {
		if m.Reference == m.Seen || m.Reference == "" || m.State == "" {
			t.Errorf("explained by %+v", m)
		}
		t.Log(m.Text)
	}
}

func TestRegister(t *testing.T) {
	h := History{
		call("A", 0, 1, Set, "/x").data("1"), call("A", 2, 3, Set, "/x").data("2"),
		call("B", 2, 5, Get, "/x").saw("1"),
		call("B", 0, 9, Get, "/y").saw("start"), call("C", 5, 6, Sync, "/x"),
		call("C", 0, 1, Create, "/e").ephemeral(),
	}
	options := Options{Model: Register, Initial: []Node{{Path: "/y", Data: "start"}}}
	v, err := Check(h, options)
	if err != nil || v.Result != Linearizable || v.Parts != 2 ||
		!slices.Equal(v.Left, []int{4, 5}) || v.Scope != All {
		t.Errorf("%+v, %v", v, err)
	}
	h[2].Call = 4
	if v, _ = Check(h, options); v.Result != Broken || !slices.Equal(v.Blame, []int{2}) {
		t.Errorf("stale read: %v, blame %v", v.Result, v.Blame)
	}
}

// TestPartition: coupled operations are judged together, and no others.
func TestPartition(t *testing.T) {
	a, b := call("A", 0, 1, Create, "/a"), call("B", 2, 3, Create, "/b")
	for _, c := range []struct {
		name string
		h    History
		want int
	}{
		{"two nodes", History{a, b}, 2},
		{"a multi",
			History{a, b, call("A", 4, 5, Multi, "").of(call("A", 0, 0, Set, "/a"),
				call("A", 0, 0, Set, "/b"))}, 1},
		{"a listing that is not judged",
			History{a, b, call("A", 4, 5, Children, "/").listed("a", "b")}, 2},
		{"a parent that moves",
			History{a, call("A", 4, 5, Create, "/a/x"), call("A", 6, 7, Create, "/a/y")}, 1},
		{"a parent that does not",
			History{call("A", 4, 5, Create, "/d/x"), call("A", 6, 7, Create, "/d/y")}, 2},
		{"numbers", History{a, call("A", 4, 5, Create, "/n-").named("/n-0000000001")}, 1},
		{"a numbered parent", History{
			call("A", 4, 5, Create, "/d/n-").named("/d/n-0000000000"),
			call("A", 6, 7, Create, "/d/n-0000000000/x"),
			call("A", 8, 9, Delete, "/d/n-0000000007").failed(NoNode), b,
		}, 2},
		{"a session", History{
			call("A", 0, 1, Create, "/a").ephemeral(), call("A", 2, 3, Create, "/b").ephemeral(),
			call("B", 2, 3, Create, "/c").ephemeral(), expiry(1, 5, 6),
		}, 2},
		{"a session that stays", History{call("A", 0, 1, Create, "/a").ephemeral(),
			call("A", 2, 3, Create, "/b").ephemeral()}, 2},
	} {
		v, err := Check(c.h, Options{Initial: []Node{{Path: "/d"}}})
		if err != nil || v.Parts != c.want || v.Result != Linearizable {
			t.Errorf("%s: %d parts, want %d (%v, %v)", c.name, v.Parts, c.want, v.Result, err)
		}
	}
}

// TestUndecided: if time runs out, the verdict is never ok.
func TestUndecided(t *testing.T) {
	h := History{call("A", 0, 1, Create, "/x")}
	for i := range 40 {
		h = append(h, call("B", 2, 3, Set, "/x").data(fmt.Sprint(i)).unknown())
	}
	h = append(h, call("C", 4, 5, Delete, "/x").at(41))
	v, err := Check(h, Options{Timeout: 20 * time.Millisecond})
	if err != nil || v.Result == Linearizable {
		t.Errorf("%v, %v", v.Result, err)
	}
	if v.Elapsed > 5*time.Second {
		t.Errorf("took %v of 20ms", v.Elapsed)
	}
}

func TestValidate(t *testing.T) {
	good := call("A", 0, 1, Create, "/x")
	for _, c := range []struct {
		change func(op *Operation)
		want   string
	}{
		{func(op *Operation) { op.Call = 5 },
			`operation 1: A: create /x: ok: the operation returns at 1, before its call at 5`},
		{func(op *Operation) { op.Path = "x" },
			`operation 1: A: create x: ok: path "x" does not begin with /`},
		{func(op *Operation) { op.Kind = "fly" },
			`operation 1: A: fly /x: ok: unknown kind of operation "fly": ` +
				`see go doc zablab/linearizability`},
		{func(op *Operation) { op.Outcome = "" },
			`operation 1: A: create /x: ok: outcome "" is invalid: ` +
				`write "ok", "failed" or "unknown"`},
		{func(op *Operation) { op.Kind = Multi },
			`operation 1: A: all of: : ok: a multi needs at least one operation`},
		{func(op *Operation) { op.Kind, op.Session = CloseSession, 0 },
			`operation 1: A: session 0x0 closes: ok: no session: write the session's number`},
		{func(op *Operation) { op.Kind, op.Mode = AddWatch, WatchData },
			`operation 1: A: watch /x (data): ok: the operation addWatch has no mode "data": see ` +
				`go doc zablab/linearizability`},
		{func(op *Operation) { op.Kind, op.Mode = RemoveWatches, "all" },
			`operation 1: A: remove watches on /x (mode all): ok: the operation ` +
				`removeWatches has no mode "all": see go doc zablab/linearizability`},
		{func(op *Operation) { op.Ephemeral, op.Session = true, 0 },
			`operation 1: A: create /x (ephemeral): ok: an ephemeral node needs a session: ` +
				`write the session's number`},
	} {
		_, err := Check(History{good, good.with(c.change)}, Options{})
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if _, err := Check(nil, Options{Model: "tree"}); err == nil {
		t.Error("an unknown model passes")
	}
}

// Setting persistent watches, and removing watches, changes nothing in the tree.
func TestWatchesAreLeft(t *testing.T) {
	h := History{
		call("A", 0, 1, Create, "/x"),
		call("A", 2, 3, AddWatch, "/x").with(func(op *Operation) { op.Mode = WatchRecursive }),
		call("A", 4, 5, RemoveWatches, "/x").with(func(op *Operation) {
			op.Mode, op.Outcome, op.Code = WatchAny, Failed, NoWatcher
		}),
	}
	for _, o := range []Options{{}, {Scope: All}, {Model: Register}} {
		if v, err := Check(h, o); err != nil || v.Result != Linearizable ||
			!slices.Equal(v.Left, []int{1, 2}) {
			t.Errorf("%v: %v, left %v, %v", o, v.Result, v.Left, err)
		}
	}
}

func TestSessionOrder(t *testing.T) {
	zxid := func(op Operation, z Zxid) Operation {
		op.Zxid = z
		return op
	}
	h := History{
		zxid(call("A", 0, 5, Set, "/x"), 1<<32+4),
		zxid(call("A", 1, 5, Get, "/x"), 1<<32+4),
		zxid(call("B", 2, 5, Get, "/x"), 1<<32+1), // another session may lag
		call("A", 3, 5, Get, "/x"),
		zxid(call("A", 4, 5, Get, "/x").unknown(), 1),
	}
	if got := SessionOrder(h); len(got) > 0 {
		t.Errorf("the history that holds: %v", got)
	}
	h[1].Zxid = 1<<32 + 3
	h = append(h, zxid(call("B", 9, 10, Exists, "/x"), 1))
	got := SessionOrder(h)
	if len(got) != 2 || got[0].Op != 1 || got[0].Before != 0 || got[1].Op != 5 ||
		got[1].Before != 2 {
		t.Fatalf("%v", got)
	}
	if !strings.Contains(got[0].Text, "does not see its own write") ||
		!strings.Contains(got[0].Text, "zxid 1/3, but the earlier") ||
		!strings.Contains(got[1].Text, "sees an older state after a newer one") {
		t.Errorf("%v", got)
	}
}

func TestPage(t *testing.T) {
	for _, n := range neighbours {
		for _, h := range []History{n.ok, n.bad, nil} {
			v, err := Check(h, Options{Scope: n.scope})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := Page(&b, v,
				Annotation{Tag: "S1", Start: 1, End: 3, Text: "S1 crashes <b>"}); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"S1 crashes", "<html"} {
				if !strings.Contains(b.String(), want) {
					t.Fatalf("%s: no %q on the page", n.name, want)
				}
			}
			for i := range h {
				left := slices.Contains(v.Left, i) || h[i].Kind == CloseSession
				if text := strings.ReplaceAll(h[i].asked(), `"`, `\"`); !left &&
					!strings.Contains(b.String(), text) {
					t.Errorf("%s: no %q on the page", n.name, text)
				}
			}
		}
	}
	if err := Page(&bytes.Buffer{}, Verdict{}); err == nil {
		t.Error("a verdict out of nowhere has a page")
	}
}

// TestDeterminism: everything but the elapsed time is the same every time.
func TestDeterminism(t *testing.T) {
	h := busy(20, 400, 8)
	h[100].Result.Stat = &Stat{Version: 77}
	first := ""
	for range 5 {
		v, err := Check(h, Options{Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		v.Elapsed = 0
		got := fmt.Sprintln(v.Result, v.Order, v.Longest, v.Blame, v.Left, v.Parts, v.Steps)
		if first == "" {
			first = got
		}
		if got != first || v.Result != Broken {
			t.Fatalf("%s\n%s", first, got)
		}
	}
}

// busy is a true history of n writes and reads, by clients on paths of the given numbers.
func busy(clients, n, paths int) History {
	r := newReference()
	var h History
	for i := range n {
		c := i % clients
		op := Operation{
			Client: Client(fmt.Sprint("c", c)), Session: Session(c + 1), Version: AnyVersion,
			Path: Path(fmt.Sprint("/p", i/2%paths)), Data: fmt.Sprint(i),
			Kind: []Kind{Set, Create, Get, Set, Delete}[(i*7+i/3)%5],
		}
		op = r.do(op)
		spread := uint64(10 * clients)
		op.Call = int64(10*i) - int64(mix(uint64(i))%spread)
		op.Return = int64(10*i) + int64(mix(uint64(i)+1<<32)%spread)
		h = append(h, op)
	}
	return h
}

func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct{ clients, n, paths int }{
		{10, 1_000, 1}, {10, 1_000, 10}, {50, 1_700, 50}, {50, 50 * 1_700, 50},
	} {
		for _, scope := range []Scope{Writes, All} {
			h := busy(c.clients, c.n, c.paths)
			b.Run(fmt.Sprintf("clients=%d/ops=%d/paths=%d/%s", c.clients, c.n, c.paths, scope),
				func(b *testing.B) {
					b.ReportAllocs()
					var v Verdict
					for b.Loop() {
						v, _ = Check(h, Options{Scope: scope, Timeout: 20 * time.Second})
					}
					if v.Result != Linearizable {
						b.Fatal(v.Result)
					}
					b.ReportMetric(float64(v.Steps), "steps")
				})
		}
	}
}
