package learn

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// when is a condition on the run of a document. The package comment lists its forms.
type when struct {
	text  string
	holds func(p *played) bool
	lacks string // a sentence: what a run lacks for which the condition does not hold
}

// parseWhen reads a condition. Parts joined by "and" must all hold.
func parseWhen(text string) (*when, error) {
	var parts []*when
	for _, part := range strings.Split(text, " and ") {
		words := strings.Fields(part)
		if len(words) == 0 {
			return nil, fmt.Errorf("%q: the condition is empty, or nothing stands before or "+
				"after an \"and\": write a condition there", text)
		}
		form, ok := forms[words[0]]
		if !ok {
			return nil, fmt.Errorf("%s: no such condition: begin it with arrow, winner, some, "+
				"overlap, stale, clients, line, resigns, refused or no", part)
		}
		w, err := form(words[1:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		w.text = part
		parts = append(parts, w)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return &when{text: text, lacks: parts[0].lacks, holds: func(p *played) bool {
		return !slices.ContainsFunc(parts, func(w *when) bool { return !w.holds(p) })
	}}, nil
}

// forms has the forms of conditions by their first word.
var forms = map[string]func(words []string) (*when, error){
	"arrow":   arrowWhen,
	"winner":  winnerWhen,
	"some":    someWhen,
	"overlap": overlapWhen,
	"stale":   staleWhen,
	"clients": clientsWhen,
	"line":    lineWhen,
	"resigns": resignsWhen,
	"refused": refusedWhen,
	"no":      noWhen,
}

func arrowWhen(words []string) (*when, error) {
	if len(words) < 2 {
		return nil, errors.New(`the number or the verdict is missing: write "arrow N VERDICT"`)
	}
	n, err := strconv.Atoi(words[0])
	if err != nil || n < 1 {
		return nil, fmt.Errorf("%s: must be the number of an arrow", words[0])
	}
	if words[1] == "in" {
		return delayWhen(n, words[2:])
	}
	v := scenarios.Verdict(words[1])
	return &when{holds: func(p *played) bool { a := p.arrow(n); return a != nil && a.Verdict == v },
		lacks: fmt.Sprintf("arrow %d is not %s", n, v)}, nil
}

// delayWhen is a condition on the time between two arrows.
func delayWhen(n int, words []string) (*when, error) {
	if len(words) != 3 || words[1] != "after" {
		return nil, fmt.Errorf("write, for example, \"arrow 3 in 1s..2s after 2\": arrow 3 comes " +
			"1 to 2 seconds after arrow 2")
	}
	from, to, ok := strings.Cut(words[0], "..")
	low, err1 := sim.ParseTime(from)
	high, err2 := sim.ParseTime(to)
	m, err3 := strconv.Atoi(words[2])
	if !ok || err1 != nil || err2 != nil || err3 != nil {
		return nil, fmt.Errorf("write, for example, \"arrow 3 in 1s..2s after 2\": arrow 3 comes " +
			"1 to 2 seconds after arrow 2")
	}
	return &when{holds: func(p *played) bool {
		a, b := p.arrow(m), p.arrow(n)
		return a != nil && b != nil && a.At >= 0 && b.At >= 0 && b.At-a.At >= low &&
			b.At-a.At <= high
	}, lacks: fmt.Sprintf("arrow %d does not come %s after arrow %d", n, words[0], m)}, nil
}

func winnerWhen(words []string) (*when, error) {
	if len(words) != 2 {
		return nil, errors.New(`write, for example, "winner C 40..60": C wins in 40 to 60 percent of ` +
			`the runs`)
	}
	from, to, _ := strings.Cut(words[1], "..")
	low, err1 := strconv.Atoi(from)
	high, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("%s: must be two percentages, such as 40..60", words[1])
	}
	return &when{holds: func(p *played) bool {
		won := 100 * p.won(words[0])
		return won >= low*p.res.Done && won <= high*p.res.Done
	}, lacks: fmt.Sprintf("the share of the runs in which %s wins is not %s%%", words[0],
		words[1])}, nil
}

func someWhen(words []string) (*when, error) {
	if len(words) != 3 || words[1] != "because" {
		return nil, errors.New(`this is no condition: write "some VERDICT because REASON"`)
	}
	v, why := scenarios.Verdict(words[0]), scenarios.OmittedKind(words[2])
	return &when{holds: func(p *played) bool {
		return slices.ContainsFunc(p.arrows(), func(a *scenarios.Arrow) bool {
			return a.Verdict == v && a.Omits(why)
		})
	}, lacks: fmt.Sprintf("no arrow of the drawing has the verdict \"%s\" with "+
		"the reason \"%s\"", v, why.Words())}, nil
}

func overlapWhen([]string) (*when, error) {
	return &when{holds: func(p *played) bool {
		return slices.ContainsFunc(p.res.Diagrams, func(d scenarios.DiagramResult) bool {
			return d.Figures.Overlap > 0
		})
	}, lacks: "no two clients believe at the same moment that they lead; the run ends with the " +
		"last line of the drawing, so the drawing must be long enough"}, nil
}

func staleWhen(words []string) (*when, error) {
	what := strings.Join(words, " ")
	if what != "read" && what != "write" {
		return nil, errors.New(`neither a read nor a write: write "stale read" or "stale write"`)
	}
	return &when{holds: func(p *played) bool {
		return slices.ContainsFunc(p.res.Diagrams, func(d scenarios.DiagramResult) bool {
			return what == "read" && d.Figures.Stale > 0 || what == "write" &&
				d.Figures.Unfenced > 0
		})
	}, lacks: map[string]string{
		"read": "no read is stale: each read shows the newest value that was written before the " +
			"read was called",
		"write": "no resource accepts a stale write: one with a lower token than an earlier write",
	}[what]}, nil
}

func clientsWhen(words []string) (*when, error) {
	n, err := strconv.Atoi(strings.Join(words, " "))
	if err != nil {
		return nil, errors.New(`the number of clients is missing: write, for example, "clients 2"`)
	}
	return &when{holds: func(p *played) bool {
		names := make(map[string]bool)
		for _, a := range p.arrows() {
			if a.Kind == "call" {
				names[a.From] = true
			}
		}
		return len(names) >= n
	}, lacks: fmt.Sprintf("fewer than %d clients make calls in the drawing", n)}, nil
}

func lineWhen(words []string) (*when, error) {
	text := strings.Join(words, " ")
	return &when{holds: func(p *played) bool {
		return slices.ContainsFunc(p.arrows(), func(a *scenarios.Arrow) bool {
			return strings.Contains(strings.ToLower(a.Text), text) && !a.Verdict.Wrong() &&
				a.Verdict != scenarios.Remark
		})
	}, lacks: fmt.Sprintf("no line of the drawing with the words %q happens in the run", text)}, nil
}

// pathAfter returns the path of a condition, which its words after the first are.
func pathAfter(first string, words []string) (string, error) {
	path := strings.Join(words, " ")
	if !strings.HasPrefix(path, "/") {
		return "", fmt.Errorf(`the path does not begin with "/": write "%s /PATH"`, first)
	}
	return path, nil
}

// resignsWhen is the condition that a client creates an ephemeral node and later ends it itself: it
// deletes the node, or closes its session.
func resignsWhen(words []string) (*when, error) {
	path, err := pathAfter("resigns", words)
	if err != nil {
		return nil, err
	}
	return &when{holds: func(p *played) bool {
		for i := range p.res.Worlds {
			e := p.res.Worlds[i].Ensemble
			owner := int64(0)
			for _, c := range e.Changes() {
				switch {
				case c.Path != path:
				case c.Event == tree.NodeCreated:
					if owner = 0; c.Ephemeral {
						owner = c.Session
					}
				case c.Event == tree.NodeDeleted && owner != 0 && c.Session == owner &&
					!slices.ContainsFunc(e.Closings(), func(end engine.Closing) bool {
						return end.Session == owner
					}):
					return true
				}
			}
		}
		return false
	}, lacks: fmt.Sprintf("no client creates %s as an ephemeral node and later deletes it or "+
		"closes its session", path)}, nil
}

// refusedWhen is the condition that a client wants to create a node, and another client's node is in
// its way.
func refusedWhen(words []string) (*when, error) {
	path, err := pathAfter("refused", words)
	if err != nil {
		return nil, err
	}
	return &when{holds: func(p *played) bool {
		for i := range p.res.Worlds {
			e := p.res.Worlds[i].Ensemble
			changes, h := e.Changes(), e.History()
			for j := range h {
				if o := &h[j]; o.Kind == lin.Create && string(o.Path) == path &&
					o.Code == lin.NodeExists {
					maker := e.ClientOf(makerOf(changes, path, o.Zxid))
					if maker != "" && maker != string(o.Client) {
						return true
					}
				}
			}
		}
		return false
	}, lacks: fmt.Sprintf("no client's create of %s fails because of a node that another client "+
		"has created", path)}, nil
}

// makerOf returns the session that has created the node that exists after a transaction, or 0.
func makerOf(changes []engine.Change, path string, at lin.Zxid) (session int64) {
	newest := lin.Zxid(0)
	for _, c := range changes {
		z := lin.Zxid(c.Zxid)
		if c.Path != path || z > at || z < newest {
			continue
		}
		switch c.Event {
		case tree.NodeCreated:
			newest, session = z, c.Session
		case tree.NodeDeleted:
			newest, session = z, 0
		}
	}
	return session
}

func noWhen(words []string) (*when, error) {
	text := strings.Join(words, " ")
	return &when{holds: func(p *played) bool {
		return !slices.ContainsFunc(p.arrows(), func(a *scenarios.Arrow) bool {
			return strings.Contains(strings.ToLower(a.Text), text)
		})
	}, lacks: fmt.Sprintf("the drawing has the words %q, which this exercise rules out", text)}, nil
}
