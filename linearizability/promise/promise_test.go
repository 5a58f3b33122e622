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
)

// record reads a record from lines:
//
//	3..9 A /l/x-n_1         A's session has an ephemeral node from place 3 to 9; 3.. for ever
//	3..9 A /q/item-1 B      a node that lasts, which A made and B deletes
//	5 A holds /l x-n_1      a mark; then "shared", "lease", "attends", "line", "token=7", "size=2"
//	4..6 A create /q/item-1 an operation that took effect; "lost" if its client got no answer
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
			l := lin.Life{Path: lin.Path(w[2]), Maker: session, Ephemeral: len(w) == 3, Made: at,
				From: at * 1e6, Gone: end, To: end, Born: lin.Zxid(at)}
			if end != lin.Infinity {
				l.To, l.Died, l.Ender = end*1e6, lin.Zxid(end), session
			}
			if len(w) > 3 {
				l.Ender = lin.Session(w[3][0])
			}
			r.Lives = append(r.Lives, l)
		case span:
			op := lin.Operation{Client: client, Session: session, Kind: lin.Kind(w[2]),
				Path: lin.Path(w[3]), Call: at * 1e6, Return: end * 1e6, Place: end,
				Txn: lin.Zxid(end), Outcome: lin.OK}
			if slices.Contains(w, "lost") {
				op.Outcome = lin.Unknown
			}
			r.Ops = append(r.Ops, op)
		default:
			r.Marks = append(r.Marks, mark(t, w, client, session, at))
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
		case "line":
			m.Line = true
		case "token":
			m.Token = int64(n)
		case "size":
			m.Size = n
		case "program":
			m.Program = n
		case ".":
			m.Node = m.Office
		default:
			m.Node = m.Office + "/" + lin.Path(word)
		}
	}
	return m
}

// neighbours are records that break a promise, and the same with one detail changed, which keep it.
var neighbours = []struct {
	name, check, breaks, keeps string
}{
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
		4 B holds /l y-n_2 line`, `
		1..9 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1 line`},
	{"earlier-writer", promise.InOrder, `
		1..9 A /l/x-w_1
		2..9 B /l/y-r_2
		4 B holds /l y-r_2 line shared`, `
		1..9 A /l/x-r_1
		2..9 B /l/y-r_2
		4 B holds /l y-r_2 line shared`},
}

func TestNeighbours(t *testing.T) {
	for _, c := range neighbours {
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
		if !slices.ContainsFunc(neighbours, func(c struct {
			name, check, breaks, keeps string
		}) bool {
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

// TestFigures: a belief that outlives the holder's node breaks nothing, and is measured.
func TestFigures(t *testing.T) {
	report := promise.Judge(record(t, `
		1..4 A /l/x-n_1
		2..9 B /l/y-n_2
		3 A holds /l x-n_1 line
		5 B holds /l y-n_2 line
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
