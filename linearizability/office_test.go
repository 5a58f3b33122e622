package linearizability

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func (op Operation) token(t int64) Operation {
	if op.Token = t; op.Kind == Acquire {
		op.Token, op.Result.Token = 0, t
	}
	return op
}

// offices are histories of locks and elections that hold, each with one that differs in one detail
// and does not, and the operation to blame.
var offices = []struct {
	name    string
	model   Model
	scope   Scope
	ok, bad History
	blame   int
}{
	{
		name: "TwoHolders", model: Lock,
		ok: History{
			call("A", 0, 10, Acquire, "/l"), call("A", 20, 30, Release, "/l"),
			call("B", 25, 40, Acquire, "/l"),
		},
		bad: History{
			call("A", 0, 10, Acquire, "/l"), call("A", 20, 30, Release, "/l"),
			call("B", 12, 18, Acquire, "/l"),
		},
		blame: 2,
	},
	{
		// A session that holds two locks, or has made two ephemeral nodes, gives up both at its end.
		name: "TwoOfficesOfOneSession", model: Lock,
		ok: History{
			call("A", 0, 10, Acquire, "/l"), call("A", 20, 30, Acquire, "/m"),
			call("A", 40, 50, CloseSession, ""),
			call("B", 60, 70, Acquire, "/l"), call("B", 80, 90, Acquire, "/m"),
		},
		bad: History{
			call("A", 0, 10, Acquire, "/l"), call("A", 20, 30, Acquire, "/m"),
			call("B", 32, 38, Acquire, "/m"), call("A", 40, 50, CloseSession, ""),
		},
		blame: 2,
	},
	{
		name: "TokenGoesBack", model: Lock,
		ok: History{
			call("A", 0, 10, Acquire, "/l").token(7), call("A", 20, 30, Release, "/l"),
			call("B", 40, 50, Acquire, "/l").token(8),
		},
		bad: History{
			call("A", 0, 10, Acquire, "/l").token(7), call("A", 20, 30, Release, "/l"),
			call("B", 40, 50, Acquire, "/l").token(7),
		},
		blame: 2,
	},
	{
		name: "StaleTokenAccepted", model: Lock,
		ok: History{
			call("B", 0, 10, Use, "/l").token(8),
			call("A", 20, 30, Use, "/l").token(7).failed(StaleToken),
		},
		bad: History{
			call("B", 0, 10, Use, "/l").token(8), call("A", 20, 30, Use, "/l").token(7),
		},
		blame: 1,
	},
	{
		name: "FreshTokenRefused", model: Lock,
		ok: History{call("A", 0, 10, Use, "/l").token(7), call("B", 20, 30, Use, "/l").token(8)},
		bad: History{call("A", 0, 10, Use, "/l").token(7),
			call("B", 20, 30, Use, "/l").token(8).failed(StaleToken)},
		blame: 1,
	},
	{
		name: "ReleasedByAnother", model: Lock,
		ok: History{call("A", 0, 10, Acquire, "/l"),
			call("B", 20, 30, Release, "/l").failed(NotHeld)},
		bad:   History{call("A", 0, 10, Acquire, "/l"), call("B", 20, 30, Release, "/l")},
		blame: 1,
	},
	{
		name: "HeldByNobody", model: Lock,
		ok: History{call("A", 0, 10, Acquire, "/l"),
			call("B", 5, 30, Acquire, "/l").failed(Held)},
		bad: History{call("A", 7, 10, Acquire, "/l"),
			call("B", 0, 5, Acquire, "/l").failed(Held)},
		blame: 1,
	},
	{
		name: "HolderIsDead", model: Lock,
		ok: History{call("A", 0, 10, Acquire, "/l"), expiry(1, 15, 25),
			call("B", 20, 30, Acquire, "/l")},
		bad: History{call("A", 0, 10, Acquire, "/l"), expiry(2, 15, 25),
			call("B", 20, 30, Acquire, "/l")},
		blame: 2,
	},
	{
		name: "UnknownAcquire", model: Lock,
		ok: History{
			call("A", 0, 10, Acquire, "/l").unknown(),
			call("B", 20, 30, Acquire, "/l").failed(Held), call("A", 40, 50, Release, "/l"),
		},
		bad: History{
			call("A", 35, 36, Acquire, "/l").unknown(),
			call("B", 20, 30, Acquire, "/l").failed(Held), call("A", 40, 50, Release, "/l"),
		},
		blame: 1,
	},
	{
		name: "WrongName", model: Election,
		ok: History{
			call("A", 0, 10, Acquire, "/o"), call("B", 20, 30, Holder, "/o").saw("A"),
			call("A", 40, 50, Release, "/o"),
			call("B", 60, 70, Holder, "/o").failed(NotHeld),
		},
		bad: History{
			call("A", 0, 10, Acquire, "/o"), call("B", 20, 30, Holder, "/o").saw("B"),
			call("A", 40, 50, Release, "/o"),
			call("B", 60, 70, Holder, "/o").failed(NotHeld),
		},
		blame: 1,
	},
	{
		name: "TwoLeaders", model: Election,
		ok: History{
			call("A", 0, 10, Create, "/leader").ephemeral().czxid(5), expiry(1, 12, 20, "/leader"),
			call("B", 0, 30, Create, "/leader").ephemeral().czxid(9),
			call("C", 0, 30, Create, "/leader").ephemeral().failed(NodeExists),
		},
		bad: History{
			call("A", 0, 10, Create, "/leader").ephemeral().czxid(5), expiry(3, 12, 20),
			call("B", 0, 30, Create, "/leader").ephemeral().czxid(9),
			call("C", 0, 30, Create, "/leader").ephemeral().failed(NodeExists),
		},
		blame: 2,
	},
	{
		name: "OldLeaderShown", model: Election, scope: All,
		ok: History{
			call("A", 0, 10, Create, "/leader").ephemeral().data("A"),
			call("A", 20, 30, Delete, "/leader"),
			call("B", 25, 40, Get, "/leader").saw("A"),
		},
		bad: History{
			call("A", 0, 10, Create, "/leader").ephemeral().data("A"),
			call("A", 20, 30, Delete, "/leader"),
			call("B", 35, 40, Get, "/leader").saw("A"),
		},
		blame: 2,
	},
}

func TestOffices(t *testing.T) {
	for _, n := range offices {
		t.Run(n.name, func(t *testing.T) {
			v, err := Check(n.ok, Options{Model: n.model, Scope: n.scope})
			if err != nil || v.Result != Linearizable {
				t.Errorf("the one that holds is %s, %v: stuck at %v", v.Result, err, v.Blame)
			}
			v, err = Check(n.bad, Options{Model: n.model, Scope: n.scope})
			if err != nil || v.Result != Broken || !slices.Contains(v.Blame, n.blame) {
				t.Errorf("the other is %s, %v: blames %v, not %d", v.Result, err, v.Blame, n.blame)
			}
			explained(t, &v)
		})
	}
}

// TestOfficesTakeTheirOwn: operations that are not those of a lock are not judged, and are listed.
func TestOfficesTakeTheirOwn(t *testing.T) {
	h := History{
		call("A", 0, 10, Create, "/x"), call("A", 0, 10, Set, "/x"),
		call("A", 0, 10, Acquire, "/l"),
		call("A", 0, 10, Create, "/e").ephemeral(),
		call("B", 0, 10, Multi, "").of(call("B", 0, 0, Delete, "/e")),
	}
	v, err := Check(h, Options{Model: Lock})
	if err != nil || !slices.Equal(v.Left, []int{0, 1, 3, 4}) {
		t.Errorf("left %v, %v", v.Left, err)
	}
	if v, _ := Check(h, Options{}); !slices.Equal(v.Left, []int{2}) {
		t.Errorf("the tree's model leaves %v", v.Left)
	}
	bare := h[2]
	bare.Session = 0
	if _, err := Check(History{bare}, Options{}); err == nil ||
		!strings.Contains(err.Error(), "a lock needs a session") {
		t.Errorf("an acquire of nobody: %v", err)
	}
}

// desk is a second implementation of a lock: its holder and its tokens.
type desk struct {
	at     Session
	ledger []int64 // tokens given out, and shown
	shown  int64
}

func (d desk) may(op *Operation) (desk, bool) {
	last := int64(0)
	if n := len(d.ledger); n > 0 {
		last = d.ledger[n-1]
	}
	switch op.Kind {
	case Acquire:
		switch {
		case op.Outcome == Failed:
			return d, d.at != 0
		case d.at != 0:
			return d, op.Outcome == Unknown
		case op.Outcome == OK && op.Result.Token <= last:
			return d, false
		case op.Outcome == OK:
			d.ledger = append(slices.Clone(d.ledger), op.Result.Token)
		}
		d.at = op.Session
	case Release, CloseSession:
		own := d.at == op.Session
		if op.Outcome == Failed {
			return d, !own
		}
		if own {
			d.at = 0
		} else if op.Kind == Release && op.Outcome == OK {
			return d, false
		}
	case Use:
		late := op.Token < d.shown
		if op.Outcome != Unknown && late != (op.Outcome == Failed) {
			return d, false
		}
		d.shown = max(d.shown, op.Token)
	}
	return d, true
}

// explains tries every order.
func (d desk) explains(h History, rest []int) bool {
	if !slices.ContainsFunc(rest, func(i int) bool { return h[i].Outcome != Unknown }) {
		return true
	}
	for n, i := range rest {
		early := true
		for _, j := range rest {
			if h[j].Outcome != Unknown && h[j].Return < h[i].Call {
				early = false
			}
		}
		if !early {
			continue
		}
		if next, ok := d.may(&h[i]); ok {
			if next.explains(h, slices.Delete(slices.Clone(rest), n, n+1)) {
				return true
			}
		}
	}
	return false
}

// TestLockAgreesWithEnumeration: what one lock really did is accepted; with an answer changed it is
// rejected exactly if no order explains it.
func TestLockAgreesWithEnumeration(t *testing.T) {
	rejected, n := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var h History
		d, token := desk{}, int64(0)
		for i := range rapid.IntRange(1, 7).Draw(t, "operations") {
			c := Client(rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "client"))
			kinds := []Kind{Acquire, Acquire, Release, Use, CloseSession}
			op := call(c, 0, 0, rapid.SampledFrom(kinds).Draw(t, "kind"), "/l")
			switch op.Kind {
			case Use:
				if op.Token = rapid.Int64Range(0, token+1).Draw(t, "token"); op.Token < d.shown {
					op = op.failed(StaleToken)
				}
			case Acquire:
				if token++; d.at != 0 {
					op = op.failed(Held)
				} else {
					op.Result.Token = token
				}
			case Release:
				if d.at != op.Session {
					op = op.failed(NotHeld)
				}
			}
			d, _ = d.may(&op)
			at := int64(100 * i)
			op.Call = at - rapid.Int64Range(0, 150).Draw(t, "before")
			op.Return = at + rapid.Int64Range(0, 150).Draw(t, "after")
			if op.Kind != CloseSession && rapid.IntRange(0, 5).Draw(t, "lost") == 0 {
				op = op.unknown()
			}
			h = append(h, op)
		}
		if v, err := Check(h, Options{Model: Lock}); err != nil || v.Result != Linearizable {
			t.Fatalf("what happened is %s, %v: %v", v.Result, err, h)
		}
		op := &h[rapid.IntRange(0, len(h)-1).Draw(t, "which")]
		switch {
		case op.Outcome == Unknown || op.Kind == CloseSession:
			return
		case op.Kind == Acquire && op.Outcome == OK && rapid.Bool().Draw(t, "other token"):
			op.Result.Token = rapid.Int64Range(1, token).Draw(t, "told")
		case op.Outcome == OK:
			*op = op.failed(map[Kind]Code{Acquire: Held, Release: NotHeld,
				Use: StaleToken}[op.Kind])
		default:
			op.Outcome, op.Code = OK, ""
			if op.Kind == Acquire {
				op.Result.Token = token
			}
		}
		v, err := Check(h, Options{Model: Lock})
		if err != nil {
			t.Fatal(err)
		}
		all := make([]int, len(h))
		for i := range all {
			all[i] = i
		}
		if want := (desk{}).explains(h, all); (v.Result == Linearizable) != want {
			t.Fatalf("%s, and enumeration says %v: %v", v.Result, want, h)
		}
		if n++; v.Result == Broken {
			rejected++
		}
	})
	if n > 50 && rejected == 0 {
		t.Error("none was rejected: this proves nothing")
	}
}
