package promise_test

import (
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
)

// declared are the cases of programs that declare what they are, and need not name their nodes.
var declared = []neighbour{
	{"two-sessions-live", promise.MutualExclusion, `
		is lock /l
		3 A holds /l
		5 B holds /l
		6 A lets-go /l
		7 A ends`, `
		is lock /l
		3 A holds /l
		5 A ends
		5 B holds /l
		6 A lets-go /l`},
	{"one-without-a-session", promise.MutualExclusion, `
		is election /l
		3 A holds /l
		5 B holds /l
		6 B lets-go /l`, `
		is election /l lease
		3 A holds /l
		5 B holds /l
		6 B lets-go /l`},
	{"a-former-session", promise.MutualExclusion, `
		is lock /l
		2 A ends
		3 A' holds /l
		5 B holds /l
		6 A' lets-go /l`, `
		is lock /l
		3 A holds /l
		4 A ends
		5 B holds /l
		6 A lets-go /l`},
	{"one-node-one-not", promise.MutualExclusion, `
		is lock /l
		1..9 A /l/x-n_1
		3 A holds /l x-n_1
		5 B holds /l
		6 A lets-go /l x-n_1`, `
		is lock /l
		1..5 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1
		5 B holds /l
		6 A lets-go /l x-n_1`},
	{"a-node-that-never-was", promise.OwnNode, `
		is lock /l
		3 A holds /l x-n_1
		5 A lets-go /l x-n_1`, `
		is lock /l
		1..5 A /l/x-n_1
		3 A holds /l x-n_1
		5 A lets-go /l x-n_1`},
	{"an-adopted-node", promise.OwnNode, `
		is lock /l
		1..9 A /l/x-n_1
		3 A' holds /l
		5 A' lets-go /l`, `
		is lock /l
		1..9 A' /l/x-n_1
		3 A' holds /l
		5 A' lets-go /l`},
	{"reader-and-writer", promise.ReadersWriters, `
		is read-write_lock /l
		3 A holds /l shared
		5 B holds /l
		6 A lets-go /l shared`, `
		is read-write_lock /l
		3 A holds /l shared
		5 B holds /l shared
		6 A lets-go /l shared`},
	{"free-and-nobody-gets-it", promise.Progress, `
		is lock /l
		calm 5 3
		1 B connected
		2 B waits /l
		3 A holds /l
		6 A lets-go /l
		10 B died`, `
		is lock /l
		calm 5 3
		1 B connected
		2 B waits /l
		3 A holds /l
		7 A lets-go /l
		10 B died`},
	{"free-by-the-end-of-a-session", promise.Progress, `
		is lock /l
		calm 5 3
		1 B connected
		2 B waits /l
		3 A holds /l
		6 A ends
		10 B died`, `
		is lock /l
		calm 5 3
		1 B connected
		2 B waits /l
		3 A holds /l
		7 A ends
		10 B died`},
	{"after-a-later-holder", promise.FencedInOrder, `
		is lock /l fenced=DB
		3 A holds /l
		4 A ends
		5 B holds /l
		6 B uses DB
		7 A uses DB
		8 A lets-go /l`, `
		is lock /l fenced=DB
		3 A holds /l
		4 A ends
		5 B holds /l
		6 B uses DB
		7 A refused DB
		8 A lets-go /l`},
	{"a-write-of-no-holder", promise.FencedInOrder, `
		is lock /l fenced=DB
		3 A holds /l
		5 A lets-go /l
		6 A uses DB`, `
		is lock /l fenced=DB
		3 A holds /l
		6 A uses DB
		6 A lets-go /l`},
	{"declared-in-order", promise.InOrder, `
		is lock /l order
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		5 B holds /l y-n_2
		6 B lets-go /l y-n_2`, `
		is lock /l
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		5 B holds /l y-n_2
		6 B lets-go /l y-n_2`},
	{"in-order-without-its-node", promise.InOrder, `
		is lock /l order
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		5 B holds /l
		6 B lets-go /l`, `
		is lock /l order
		1..5 A /l/x-n_1
		2..9 B /l/y-n_2
		5 B holds /l
		6 B lets-go /l`},
	{"an-item-twice", promise.TakenOnce, `
		is queue /q
		1 A puts /q named=job
		2 A has-put /q named=job
		3 B takes /q
		4 B took /q named=job
		5 A takes /q
		6 A took /q named=job`, `
		is queue /q
		1 A puts /q named=job
		2 A has-put /q named=job
		3 B takes /q
		4 B perhaps-took /q named=job
		5 A takes /q
		6 A took /q named=job`},
	{"an-item-that-nobody-put", promise.TakenOnce, `
		is queue /q
		1 A puts /q named=job
		2 A has-not-put /q named=job
		3 B takes /q
		4 B took /q named=job`, `
		is queue /q
		1 A puts /q named=job
		2 A has-perhaps-put /q named=job
		3 B takes /q
		4 B took /q named=job`},
	{"a-lost-item", promise.NothingLost, `
		is queue /q
		calm 5 3
		1 B connected
		1 A puts /q named=job
		2 A has-put /q named=job
		3 B takes /q
		10 B died`, `
		is queue /q
		calm 5 3
		1 B connected
		1 A puts /q named=job
		2 A has-put /q named=job
		3 C takes /q
		4 C died
		5 B takes /q
		10 B died`},
	{"too-few-say-they-entered", promise.BarrierSize, `
		is barrier /b size=2
		1 A enters /b
		2 A died
		3 B enters /b
		4 B passes /b`, `
		is barrier /b size=2
		1 A enters /b
		3 B enters /b
		4 B passes /b`},
	{"one-is-inside", promise.BarrierLeave, `
		is barrier /b size=2
		1 A enters /b
		2 B enters /b
		3 A passes /b
		4 B passes /b
		5 B leaves /b
		6 B has-left /b`, `
		is barrier /b size=2
		1 A enters /b
		2 B enters /b
		3 A passes /b
		4 B passes /b
		5 A ends
		5 B leaves /b
		6 B has-left /b`},
	{"all-have-entered", promise.Progress, `
		is barrier /b size=2
		calm 3 3
		1 A connected
		1 A enters /b
		2 B enters /b
		2 B passes /b
		9 A died`, `
		is barrier /b size=3
		calm 3 3
		1 A connected
		1 A enters /b
		2 B enters /b
		9 A died`},
	{"all-want-to-leave", promise.Progress, `
		is barrier /b size=2
		calm 6 3
		1 A connected
		1 A enters /b
		2 B enters /b
		3 A passes /b
		3 B passes /b
		4 A leaves /b
		4 B leaves /b
		12 A died`, `
		is barrier /b size=2
		calm 6 3
		1 A connected
		1 A enters /b
		2 B enters /b
		3 A passes /b
		3 B passes /b
		4 A leaves /b
		12 A died`},
	{"another's-ticket", promise.OwnRelease, `
		is lock /l
		1..9 A /l/x-n_1
		2..5 B /l/y-n_2 C
		3 A holds /l x-n_1
		4 A lets-go /l x-n_1`, `
		is lock /l
		1..9 A /l/x-n_1
		2..5 B /l/y-n_2
		3 A holds /l x-n_1
		4 A lets-go /l x-n_1`},
	{"another's-node", promise.OwnRelease, `
		is lock /l
		1..5 A /l B
		3 A holds /l .
		4 A died
		5 B waits /l`, `
		is lock /l
		1..5 A /l A'
		3 A holds /l .
		4 A died
		5 A' waits /l`},
}

// TestDeclaredFigures: a belief that outlives its session breaks nothing, and is measured.
func TestDeclaredFigures(t *testing.T) {
	report := promise.Judge(record(t, `
		is lock /l
		3 A holds /l
		4 A ends
		5 B holds /l
		8 A lets-go /l
		9 B lets-go /l`))
	if f := report.Figures; f.Holds != 2 || f.Past != 1 || f.Longest != 4e6 {
		t.Errorf("%+v", f)
	}
	report = promise.Judge(record(t, `
		is lock /l
		is queue /q
		is barrier /b size=1
		1 A waits /l
		2 A holds /l
		3 B waits /l
		4 A lets-go /l
		5 C waits /l
		6 B holds /l
		6 A puts /q named=x
		7 A has-put /q named=x
		7 A takes /q
		8 A took /q named=x
		9 A enters /b
		10 A passes /b`))
	if f := report.Figures; f.Waits != 3 || f.Met != 2 || f.Taken != 1 || f.Passed != 1 {
		t.Errorf("%+v", f)
	}
	for _, v := range report.Verdicts {
		if v.Result == lin.Broken {
			t.Errorf("%s: %s", v.Check, v.Text)
		}
	}
}
