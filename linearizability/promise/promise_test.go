package promise_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/linearizability/recipe"
)

// record reads a record from lines:
//
//	3..9 A /l/x-n_1         A's session has an ephemeral node from place 3 to 9; 3.. for ever
//	3..9 A /q/item-1 B      the same, but B deletes it; without, it ends with its maker's session
//	5 A holds /l x-n_1      a mark; then "shared", "lease", "attends", "line", "token=7", "size=2", "looks=1"
//	is lock /l fenced=DB    a declaration; also lease, order, size=2
//	7 A ends                the ensemble ends A's session
//	7 A uses DB             the resource DB accepts a write of A; 7 A refused DB: it does not
//	calm 10 5               from place 10 on, what is free is acquired within 5
//	4..6 A create /q/item-1 an operation that took effect; "lost" if its outcome is unknown, "unanswered"
//	                        if its client died first; "called=4" is the place of its call, "data=x" the value
//
// A' is A in its next session. Times are the places, in seconds. Numbers get ten digits.
func record(t *testing.T, text string) (r lin.Record) {
	t.Helper()
	digits := regexp.MustCompile(`(item-|_)(\d)\b`)
	text = digits.ReplaceAllString(text, "${1}000000000${2}")
	for _, line := range strings.Split(text, "\n") {
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		if w[0] == "calm" {
			from, _ := strconv.ParseInt(w[1], 10, 64)
			within, _ := strconv.ParseInt(w[2], 10, 64)
			r.FaultFree = lin.FaultFree{From: from * 1e6, Within: within * 1e6}
			continue
		}
		if w[0] == "is" {
			r.Recipes = append(r.Recipes, declaration(w))
			continue
		}
		client := lin.Client(strings.TrimRight(w[1], "'"))
		session := lin.Session(client[0]) + lin.Session(strings.Count(w[1], "'"))<<8
		from, to, span := strings.Cut(w[0], "..")
		at, _ := strconv.ParseInt(from, 10, 64)
		end := int64(lin.Infinity)
		if to != "" {
			end, _ = strconv.ParseInt(to, 10, 64)
		}
		switch {
		case span && w[2][0] == '/':
			l := lin.Life{Path: lin.Path(w[2]), Maker: session, Made: at,
				Ephemeral: !strings.Contains(w[2], "item-"), Closed: len(w) == 3,
				From: at * 1e6, Gone: end, To: end, Born: lin.Zxid(at)}
			if end != lin.Infinity {
				l.To, l.Died, l.Ender = end*1e6, lin.Zxid(end), session
			}
			if len(w) > 3 {
				l.Ender = lin.Session(w[3][0]) + lin.Session(strings.Count(w[3], "'"))<<8
			}
			r.Lives = append(r.Lives, l)
		case span:
			op := lin.Operation{Client: client, Session: session, Kind: lin.Kind(w[2]),
				Path: lin.Path(w[3]), Call: at * 1e6, Return: end * 1e6, Place: end,
				Zxid: lin.Zxid(end), Txn: lin.Zxid(end), Outcome: lin.OK}
			if slices.Contains(w, "lost") {
				op.Outcome = lin.Unknown
			}
			if slices.Contains(w, "unanswered") {
				op.Place = 0
			}
			for _, word := range w {
				if data, ok := strings.CutPrefix(word, "data="); ok {
					op.Data = data
				}
				if place, ok := strings.CutPrefix(word, "called="); ok {
					n, _ := strconv.Atoi(place)
					op.CallPlace = int64(n) + 1
				}
			}
			r.Ops = append(r.Ops, op)
		case w[2] == "ends":
			r.Ops = append(r.Ops, lin.Operation{Client: "ensemble", Session: session,
				Kind: lin.CloseSession, Call: at*1e6 - 1, Return: at * 1e6, Outcome: lin.OK})
		case w[2] == "uses" || w[2] == "refused":
			r.Accesses = append(r.Accesses, lin.Access{Client: client, Resource: w[3], Fenced: true,
				At: at * 1e6, Accepted: w[2] == "uses"})
		default:
			r.Marks = append(r.Marks, mark(t, w, client, session, at))
		}
	}
	return r
}

// declaration reads the words of a declaration.
func declaration(w []string) recipe.Recipe {
	r := recipe.Recipe{Kind: recipe.Kind(strings.ReplaceAll(w[1], "_", " ")), Path: w[2]}
	for _, word := range w[3:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "fenced":
			r.Resource = value
		case "lease":
			r.Leased = true
		case "order":
			r.Ordered = true
		case "size":
			r.Size, _ = strconv.Atoi(value)
		}
	}
	return r
}

// mark reads the words of a mark.
func mark(t *testing.T, w []string, client lin.Client, session lin.Session, at int64) lin.Mark {
	t.Helper()
	m := lin.Mark{Client: client, Session: session, Place: at, At: at * 1e6, As: lin.Exclusive,
		Kind: lin.MarkKind(strings.ReplaceAll(w[2], "-", " "))}
	if len(w) > 3 {
		m.Office = lin.Path(w[3])
	}
	for _, word := range w[min(len(w), 4):] {
		key, value, _ := strings.Cut(word, "=")
		n, _ := strconv.Atoi(value)
		switch key {
		case "shared", "lease":
			m.As = key
		case "attends":
			m.Attends = true
		case "careful":
			m.Careful = true
		case "line":
			m.Line = true
		case "by-age":
			m.ByAge = true
		case "token":
			m.Token = int64(n)
		case "size":
			m.Size = n
		case "for":
			m.For = m.Office + "/" + lin.Path(value)
		case "looks":
			m.Looks = int64(n) * 1e6
		case "guards":
			m.Guards = lin.Path(value)
		case "renews":
			m.Renews = int64(n) * 1e6
		case "placed":
			m.Place = int64(n)
		case "program":
			m.Program = n
		case ".":
			m.Node = m.Office
		case "named":
			m.Node = lin.Path(value)
		default:
			m.Node = m.Office + "/" + lin.Path(word)
		}
	}
	return m
}

type neighbour struct{ name, check, breaks, keeps string }

// neighbours are records that break a promise, and the same with one detail changed, which keep it.
var neighbours = []neighbour{
	{"two-holders", promise.MutualExclusion, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1
		4 B holds /l y-n_2`, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1
		4 B holds /l y-n_2`},
	{"two-programs-of-one-client", promise.MutualExclusion, `
		1..9 A /l/x-n_1
		2..9 A /l/y-n_2
		3 A holds /l x-n_1
		4 A holds /l y-n_2 program=1`, `
		1..9 A /l/x-n_1
		2..9 A /l/y-n_2
		3 A holds /l x-n_1
		4 A lets-go /l
		4 A holds /l y-n_2 program=1`},
	{"offices-differ", promise.MutualExclusion, `
		1..9 A /leader
		2..9 B /leader
		3 A holds /leader .
		4 B holds /leader .`, `
		1..9 A /leader
		2..9 B /primary
		3 A holds /leader .
		4 B holds /primary .`},
	{"an-old-holder-writes", promise.WritesInOrder, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		1 A holds /l x-n_1 token=1 guards=/p
		2..3 A set /p data=1
		4 B holds /l y-n_2 token=2 guards=/p
		5..6 B set /p data=2
		5..7 A set /p data=1`, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		1 A holds /l x-n_1 token=1 guards=/p
		2..3 A set /p data=1
		4 B holds /l y-n_2 token=2 guards=/p
		5..7 B set /p data=2
		5..6 A set /p data=1`},
	{"an-old-holder-writes-without-an-answer", promise.WritesInOrder, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		1 A holds /l x-n_1 token=1 guards=/p
		4 B holds /l y-n_2 token=2 guards=/p
		5..6 B set /p data=2
		5..7 A set /p data=1 lost`, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		1 A holds /l x-n_1 token=1 guards=/p
		4 B holds /l y-n_2 token=2 guards=/p
		5..6 B set /p data=2
		5..7 A set /q data=1 lost`},
	{"a-lease-without-a-deadline", promise.StopsInTime, `
		1 A holds /l lease renews=2
		2..3 A set /l lost
		7..8 A set /l lost
		8..9 A set /l lost`, `
		1 A holds /l lease renews=2
		2..3 A set /l lost
		6..7 A set /l lost
		8..9 A set /l lost`},
	{"a-lease-that-is-renewed", promise.StopsInTime, `
		1 A holds /l lease renews=2
		2..3 A set /l lost
		7..8 A get /l
		8..9 A get /l`, `
		1 A holds /l lease renews=2
		2..3 A set /l
		7..8 A get /l
		8..9 A get /l`},
	{"a-lease-that-is-let-go", promise.StopsInTime, `
		1 A holds /l lease renews=2
		2..3 A set /l lost
		7..8 A set /l lost
		8..9 A set /l lost
		9 A lets-go /l`, `
		1 A holds /l lease renews=2
		2..3 A set /l lost
		8 A lets-go /l
		8..9 A set /l lost
		9..9 A set /l lost`},
	{"leases-are-left-out", promise.MutualExclusion, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1
		4 B holds /l y-n_2`, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1 lease
		4 B holds /l y-n_2 lease`},
	{"the-dead-hold-nothing", promise.MutualExclusion, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1
		5 B holds /l y-n_2
		6 A died`, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1
		4 A died
		5 B holds /l y-n_2`},
	{"reader-and-writer", promise.ReadersWriters, `
		1..9 A /l/x-r_1
		2..9 B /l/y-w_2
		3 A holds /l x-r_1 shared
		4 B holds /l y-w_2`, `
		1..9 A /l/x-r_1
		2..9 B /l/y-r_2
		3 A holds /l x-r_1 shared
		4 B holds /l y-r_2 shared`},
	{"earlier-ticket", promise.InOrder, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		4 B holds /l y-n_2 line token=2`, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1 line token=1`},
	{"older-key", promise.InOrder, `
		1..9 A /e/9
		2..9 B /e/7
		4 B holds /e 7 by-age token=2`, `
		1..3 A /e/9
		2..9 B /e/7
		4 B holds /e 7 by-age token=2`},
	{"waits-for-a-younger-key", promise.InOrder, `
		1..9 A /e/9
		2..9 B /e/7
		4 A waits /e 9 by-age for=7`, `
		1..9 A /e/9
		2..9 B /e/7
		4 B waits /e 7 by-age for=9`},
	{"waits-for-a-later-one", promise.InOrder, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		4 A waits /l x-n_1 for=y-n_2`, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		4 B waits /l y-n_2 for=x-n_1`},
	{"earlier-writer", promise.InOrder, `
		1..9 A /l/x-w_1
		2..9 B /l/y-r_2
		4 B holds /l y-r_2 line shared`, `
		1..9 A /l/x-r_1
		2..9 B /l/y-r_2
		4 B holds /l y-r_2 line shared`},
	{"node-of-an-earlier-session", promise.OwnNode, `
		1..9 A /l/x-n_1
		4 A' holds /l x-n_1`, `
		1..9 A' /l/x-n_1
		4 A' holds /l x-n_1`},
	{"released-by-another", promise.OwnRelease, `
		1..5 A /leader B
		2 A holds /leader .`, `
		1..5 A /leader
		2 A holds /leader .`},
	{"released-by-the-next-process", promise.OwnRelease, `
		1..5 A /leader A'
		2 A holds /leader .
		4 A' waits /other .`, `
		1..5 A /leader A'
		2 A holds /leader .
		3 A died
		4 A' waits /other .`},
	{"ticket-released-by-another", promise.OwnRelease, `
		1..4 A /l/x-n_1
		5..8 B /l/y-n_2 A
		2 A holds /l x-n_1 line token=1
		3 A lets-go /l`, `
		1..4 A /l/x-n_1
		5..8 B /l/y-n_2
		2 A holds /l x-n_1 line token=1
		3 A lets-go /l`},
	{"key-released-by-another", promise.OwnRelease, `
		1..5 A /e/9 B
		2 A holds /e 9 by-age token=1`, `
		1..5 A /e/9
		2 A holds /e 9 by-age token=1`},
	{"released-while-held", promise.OwnRelease, `
		1..5 A /leader A
		2 A holds /leader .
		6 A lets-go /leader`, `
		1..5 A /leader A
		2 A holds /leader .
		5 A lets-go /leader`},
	{"attends", promise.StepsDown, `
		1..4 A /leader
		2 A holds /leader . attends
		4 A session-over
		5 A lets-go /leader`, `
		1..4 A /leader
		2 A holds /leader . attends
		4 A session-over
		4 A lets-go /leader`},
	{"attends-for-ever", promise.StepsDown, `
		1..4 A /leader
		2 A holds /leader . attends
		4 A session-over`, `
		1..4 A /leader
		2 A holds /leader . attends
		4 A' session-over`},
	{"attends-later", promise.StepsDown, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1
		4 A session-over
		6 A holds /l x-n_1 attends
		7 A lets-go /l`, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1
		4 A session-over
		6 A holds /l x-n_1 attends
		6 A lets-go /l`},
	{"careful", promise.StepsDown, `
		1..9 A /leader
		2 A holds /leader . careful attends
		4 A connection-lost`, `
		1..9 A /leader
		2 A holds /leader . attends
		4 A connection-lost`},
	{"never-looks", promise.StepsDown, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1 looks=1
		4 A session-over
		7..8 A create /x
		8..9 A create /y`, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1 looks=1
		4 A session-over
		6..7 A create /x
		7..8 A create /y
		7 A lets-go /l`},
	{"stands-still", promise.StepsDown, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1 looks=1
		4 A session-over
		20..21 A create /x
		21..22 A create /y
		22 A lets-go /l`, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1 looks=1
		4 A session-over
		20..21 A create /x
		20 A lets-go /l`},
	{"never-looks-by-its-word", promise.StepsDown, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1 looks=1
		4 A session-over
		7..8 A create /x
		8..9 A create /y`, `
		1..4 A /l/x-n_1
		2 A holds /l x-n_1
		4 A session-over
		7..8 A create /x
		8..9 A create /y`},
	{"older-token", promise.FreshToken, `
		1..4 A /l/x-n_1
		5..9 B /l/y-n_2
		2 A holds /l x-n_1 token=7
		3 A lets-go /l
		6 B holds /l y-n_2 token=7`, `
		1..4 A /l/x-n_1
		5..9 B /l/y-n_2
		2 A holds /l x-n_1 token=7
		3 A lets-go /l
		6 B holds /l y-n_2 token=8`},
	{"the-same-node-again", promise.FreshToken, `
		1..9 A /l/x-n_1
		2 A holds /l x-n_1 token=7
		3 A lets-go /l
		6 A holds /l x-n_1 token=6`, `
		1..9 A /l/x-n_1
		2 A holds /l x-n_1 token=7
		3 A lets-go /l
		6 A holds /l x-n_1 token=7`},
	{"no-token", promise.FreshToken, `
		1..9 A /l/x-n_1
		2 A holds /l x-n_1 line`, `
		1..9 A /l/x-n_1
		2 A holds /l x-n_1 line token=1`},
	{"passes-by-an-old-node", promise.OwnNode, `
		1..9 A /b/A
		1 A enters /b A size=1
		3 A' passes /b A size=1`, `
		1..9 A' /b/A
		1 A' enters /b A size=1
		3 A' passes /b A size=1`},
	{"late-news", promise.FreshToken, `
		1..9 A /l/x-n_2
		2..9 B /l/y-n_1
		5 B holds /l y-n_1 token=8
		6 B lets-go /l
		7 A holds /l x-n_2 token=7`, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		5 B holds /l y-n_2 token=8
		6 B lets-go /l
		7 A holds /l x-n_1 token=7`},
	{"taken-twice", promise.TakenOnce, `
		1..4 A /q/item-1 B
		2 B takes /q
		5 B took /q item-1
		3 C takes /q
		6 C took /q item-1`, `
		1..4 A /q/item-1 B
		2 B takes /q
		5 B took /q item-1
		3 C takes /q
		6 C perhaps-took /q item-1`},
	{"taken-by-none", promise.TakenOnce, `
		1..4 A /q/item-1 B
		2 C takes /q
		5 C took /q item-1`, `
		1..4 A /q/item-1 B
		2 B takes /q
		5 B took /q item-1`},
	{"took-without-taking", promise.MarksInOrder, `
		1..4 A /q/item-1 B
		5 B took /q item-1`, `
		1..4 A /q/item-1 B
		2 B takes /q
		5 B took /q item-1`},
	{"passed-without-entering", promise.MarksInOrder, `
		1..9 A /b/A
		2 A passes /b A size=1`, `
		1..9 A /b/A
		1 A enters /b A size=1
		2 A passes /b A size=1`},
	{"lets-go-twice", promise.MarksInOrder, `
		1..9 A /l/x-n_1
		3 A holds /l x-n_1
		4 A lets-go /l x-n_1
		5 A lets-go /l x-n_1`, `
		1..9 A /l/x-n_1
		3 A holds /l x-n_1
		4 A lets-go /l x-n_1
		5 A waits /l
		6 A lets-go /l`},
	{"put-without-an-end", promise.MarksInOrder, `
		1 A puts /q
		2 A puts /q`, `
		1 A puts /q
		2 A has-not-put /q
		3 A puts /q`},
	{"dies-at-a-barrier", promise.MarksInOrder, `
		1 A enters /b A size=2
		3 A enters /b A size=2`, `
		1 A enters /b A size=2
		2 A died
		3 A enters /b A size=2`},
	{"put-twice", promise.PutOnce, `
		1 A puts /q
		2..3 A create /q/item- lost
		4..5 A create /q/item-
		5 A has-put /q item-2`, `
		1 A puts /q
		4..5 A create /q/item-
		5 A has-put /q item-2`},
	{"put-in-one-moment", promise.PutOnce, `
		1 A puts /q
		1..2 A create /q/item- lost called=1
		1..2 A create /q/item- called=1
		1 A has-perhaps-put /q placed=2`, `
		1 A puts /q
		1..2 A create /q/item- lost called=1
		1 A has-perhaps-put /q placed=2
		1 A puts /q placed=2
		1..3 A create /q/item- called=3
		3 A has-put /q item-2 placed=4`},
	{"put-never", promise.PutOnce, `
		1 A puts /q
		5 A has-put /q`, `
		1 A puts /q
		5 A has-not-put /q`},
	{"put-after-all", promise.PutOnce, `
		1 A puts /q
		2..3 A create /q/item- lost
		3 A has-not-put /q`, `
		1 A puts /q
		2..3 A create /q/item- lost
		3 A has-perhaps-put /q`},
	{"lost", promise.NothingLost, `
		1..4 A /q/item-1 B
		3..4 B delete /q/item-1 lost
		2 B takes /q
		5 B takes /q`, `
		1..4 A /q/item-1 B
		3..4 B delete /q/item-1 lost
		2 B takes /q
		4 B perhaps-took /q item-1`},
	{"lost-with-its-taker", promise.NothingLost, `
		1..4 A /q/item-1 B
		3..4 B delete /q/item-1
		2 B takes /q
		5 B died`, `
		1..4 A /q/item-1 B
		3..4 B delete /q/item-1 lost unanswered
		2 B takes /q
		5 B died`},
	{"younger-item", promise.OldestFirst, `
		1..9 A /q/item-1 B
		2..6 A /q/item-2 B
		3..3 B children /q
		4..6 B delete /q/item-2
		1 B takes /q
		6 B took /q item-2`, `
		1..5 A /q/item-1 C
		2..6 A /q/item-2 B
		3..3 B children /q
		4..6 B delete /q/item-2
		1 B takes /q
		6 B took /q item-2`},
	{"one-short", promise.BarrierSize, `
		1..9 A /b/A
		1 A enters /b A size=2
		3 A passes /b A size=2
		4..9 B /b/B`, `
		1..9 A /b/A
		1 A enters /b A size=2
		2..9 B /b/B
		3 A passes /b A size=2`},
	{"one-after-the-other", promise.BarrierSize, `
		1..2 A /b/A
		1 A enters /b A size=2
		3..9 B /b/B
		3 B enters /b B size=2
		5 B passes /b B size=2`, `
		1..4 A /b/A
		1 A enters /b A size=2
		3..9 B /b/B
		3 B enters /b B size=2
		5 B passes /b B size=2`},
	{"gate-is-no-member", promise.BarrierSize, `
		1..9 A /b/A
		1 A enters /b A size=2
		2..9 A /b/ready
		3 A passes /b A size=2`, `
		1..9 A /b/A
		1 A enters /b A size=1
		2..9 A /b/ready
		3 A passes /b A size=1`},
	{"leaves-early", promise.BarrierLeave, `
		1..5 A /b/A
		2..9 B /b/B
		1 A enters /b A size=2
		4 A passes /b A size=1
		4 A leaves /b A
		6 A has-left /b A`, `
		1..5 A /b/A
		2..9 B /b/B
		1 A enters /b A size=2
		4 B leaves /b B
		4 A passes /b A size=1
		4 A leaves /b A
		6 A has-left /b A`},
	{"leaves-its-node", promise.BarrierLeave, `
		1..9 A /b/A
		1 A enters /b A size=2
		4 A passes /b A size=1
		4 A leaves /b A
		6 A has-left /b A`, `
		1..5 A /b/A
		1 A enters /b A size=2
		4 A passes /b A size=1
		4 A leaves /b A
		6 A has-left /b A`},
	{"comes-back", promise.BarrierLeave, `
		1..5 A /b/A
		4..9 B /b/B
		1 A enters /b A size=2
		4 A passes /b A size=1
		4 A leaves /b A
		7 A has-left /b A`, `
		1..5 A /b/A
		6..9 B /b/B
		1 A enters /b A size=2
		4 A passes /b A size=1
		4 A leaves /b A
		7 A has-left /b A`},
	{"free-lock", promise.Progress, `
		calm 5 3
		1 A connected
		1..20 A /l/x-n_1
		2 A waits /l x-n_1
		9 A died`, `
		calm 5 3
		1 A connected
		1..20 A /l/x-n_1
		2 A waits /l x-n_1
		8 A holds /l x-n_1
		9 A died`},
	{"lock-of-another", promise.Progress, `
		calm 5 3
		1 B connected
		1..6 A /l/x-n_1
		2..20 B /l/y-n_2
		3 B waits /l y-n_2
		10 B died`, `
		calm 5 3
		1 B connected
		1..7 A /l/x-n_1
		2..20 B /l/y-n_2
		3 B waits /l y-n_2
		10 B died`},
	{"free-for-the-oldest", promise.Progress, `
		calm 5 3
		1 B connected
		1..20 A /e/9
		2..20 B /e/7
		2..20 B /e
		3 A waits /e 9 by-age
		1 A connected
		10 A died`, `
		calm 5 3
		1 B connected
		1..20 A /e/9
		2..20 B /e/7
		2..20 B /e
		3 B waits /e 7 by-age
		10 B died`},
	{"a-lease-is-not-free", promise.Progress, `
		calm 5 3
		1 A connected
		1..20 A /lease
		2 A waits /lease .
		9 A died`, `
		calm 5 3
		1 A connected
		1..20 A /lease
		2 A waits /lease . lease
		9 A died`},
	{"only-who-is-connected", promise.Progress, `
		calm 5 3
		1 A connected
		2 A waits /leader .
		9 A died`, `
		calm 5 3
		1 A connected
		2 A waits /leader .
		8 A connection-lost
		9 A died`},
	{"readers-wait-for-writers", promise.Progress, `
		calm 5 3
		1 B connected
		1..20 A /l/x-r_1
		2..20 B /l/y-r_2
		3 B waits /l y-r_2 shared
		10 B died`, `
		calm 5 3
		1 B connected
		1..20 A /l/x-w_1
		2..20 B /l/y-r_2
		3 B waits /l y-r_2 shared
		10 B died`},
	{"item-for-nobody", promise.Progress, `
		calm 5 3
		1 B connected
		2 B takes /q
		6..20 A /q/item-1
		10 B died`, `
		calm 5 3
		1 B connected
		2 B takes /q
		7..20 A /q/item-1
		10 B died`},
	{"open-barrier", promise.Progress, `
		calm 5 3
		1 B connected
		2 B enters /b B size=2
		2..20 B /b/B
		3..20 A /b/A
		10 B died`, `
		calm 5 3
		1 B connected
		2 B enters /b B size=3
		2..20 B /b/B
		3..20 A /b/A
		10 B died`},
	{"empty-barrier", promise.Progress, `
		calm 5 3
		1 B connected
		2 B leaves /b B
		1..3 B /b/B
		1..6 A /b/A
		1..20 A /b/ready
		10 B died`, `
		calm 5 3
		1 B connected
		2 B leaves /b B
		1..3 B /b/B
		1..7 A /b/A
		1..20 A /b/ready
		10 B died`},
}

func TestNeighbours(t *testing.T) {
	for _, c := range slices.Concat(neighbours, declared) {
		for _, breaks := range []bool{true, false} {
			text := c.keeps
			if breaks {
				text = c.breaks
			}
			report := promise.Judge(record(t, text))
			v := report.Of(c.check)
			if breaks != (v.Result == lin.Broken) || breaks && len(v.Breaches) == 0 {
				t.Errorf("%s, broken %v: %s, %q", c.name, breaks, v.Result, v.Text)
			}
			for _, other := range report.Verdicts {
				if !breaks && other.Result == lin.Broken {
					t.Errorf("%s: the neighbour breaks %s: %s", c.name, other.Check, other.Text)
				}
			}
		}
	}
}

// TestEveryNameConvicts: each promise has a case that breaks it, and stands in the table of doc.go.
func TestEveryNameConvicts(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	report := promise.Judge(record(t, "1 A waits /l"))
	for _, v := range report.Verdicts {
		if !slices.ContainsFunc(slices.Concat(neighbours, declared), func(c neighbour) bool {
			return c.check == v.Check
		}) {
			t.Errorf("no case breaks %s", v.Check)
		}
		if !strings.Contains(string(doc), fmt.Sprintf("//\t%-17s ", v.Check)) {
			t.Errorf("doc.go does not list %s", v.Check)
		}
		if v.Judged != 0 || v.Result != lin.Linearizable {
			t.Errorf("%s judges %d cases of nothing: %s", v.Check, v.Judged, v.Text)
		}
	}
	if n := len(promise.Judge(lin.Record{}).Verdicts); n != 0 {
		t.Errorf("%d verdicts without a mark", n)
	}
}

// TestBeliefs: a client believes that it leads only while a program of it holds an office.
func TestBeliefs(t *testing.T) {
	r := record(t, `
		1..9 A /l/x-n_1
		3 A holds /l x-n_1 line token=1
		6 A lets-go /l x-n_1`)
	for _, c := range []struct {
		from, to int64
		result   lin.Answer
	}{
		{3, 6, lin.Linearizable}, {4, 5, lin.Linearizable}, {3, 7, lin.Broken},
		{2, 6, lin.Broken}, {3, lin.Infinity / 1e6, lin.Broken},
	} {
		r.Beliefs = []lin.Belief{{Client: "A", From: c.from * 1e6, To: c.to * 1e6}}
		report := promise.Judge(r)
		if v := report.Of(promise.MarksInOrder); v.Result != c.result || v.Judged != 2 {
			t.Errorf("from %d to %d: %s of %d, %s", c.from, c.to, v.Result, v.Judged, v.Text)
		}
	}
}

// TestFigures: a belief that outlives the holder's node breaks nothing, and is measured.
func TestFigures(t *testing.T) {
	report := promise.Judge(record(t, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1 line token=1
		5 B holds /l y-n_2 line token=2
		8 A lets-go /l
		9 B lets-go /l`))
	if f := report.Figures; f.Holds != 2 || f.Past != 1 || f.Longest != 4e6 {
		t.Errorf("%+v", f)
	}
	for _, v := range report.Verdicts {
		if v.Result == lin.Broken {
			t.Errorf("%s: %s", v.Check, v.Text)
		}
	}
}
