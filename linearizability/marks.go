package linearizability

import (
	"slices"

	"github.com/zablab/zablab/linearizability/recipe"
)

// The lines of marks and of the lives of nodes.
type (
	markLine struct {
		Mark    string  `json:"mark"`
		Client  string  `json:"client"`
		Program int     `json:"program,omitempty"`
		Session numeral `json:"session,omitempty"`
		Office  string  `json:"office,omitempty"`
		Node    string  `json:"path,omitempty"`
		For     string  `json:"for,omitempty"`
		As      string  `json:"as,omitempty"`
		Token   int64   `json:"token,omitempty"`
		Size    int     `json:"size,omitempty"`
		Looks   int64   `json:"looks,omitempty"`
		Attends bool    `json:"attends,omitempty"`
		Careful bool    `json:"careful,omitempty"`
		Line    bool    `json:"line,omitempty"`
		ByAge   bool    `json:"byAge,omitempty"`
		Guards  string  `json:"guards,omitempty"`
		Renews  int64   `json:"renews,omitempty"`
		At      int64   `json:"at"`
		Place   int64   `json:"place"`
	}
	recipeLine struct {
		Recipe  string `json:"recipe"`
		Path    string `json:"path"`
		Lease   bool   `json:"lease,omitempty"`
		InOrder bool   `json:"in_order,omitempty"`
		Fenced  string `json:"fenced,omitempty"`
		Size    int    `json:"size,omitempty"`
	}
	calmLine struct {
		Calm   int64 `json:"calm"`
		Within int64 `json:"within"`
	}
	lifeLine struct {
		Life      string  `json:"life"`
		Maker     numeral `json:"maker,omitempty"`
		Ephemeral bool    `json:"ephemeral,omitempty"`
		Ender     numeral `json:"ender,omitempty"`
		Closed    bool    `json:"closed,omitempty"`
		Born      numeral `json:"born,omitempty"`
		Died      numeral `json:"died,omitempty"`
		From      int64   `json:"from"`
		To        *int64  `json:"to,omitempty"`
		Made      int64   `json:"made"`
		Gone      *int64  `json:"gone,omitempty"`
	}
)

func lineOfRecipe(r *recipe.Recipe) recipeLine {
	return recipeLine{string(r.Kind), r.Path, r.Leased, r.Ordered, r.Resource, r.Size}
}

func (r *reading) recipe() error {
	var l recipeLine
	if err := r.strict(&l); err != nil {
		return err
	}
	d := recipe.Recipe{Kind: recipe.Kind(l.Recipe), Path: l.Path, Leased: l.Lease,
		Ordered: l.InOrder, Resource: l.Fenced, Size: l.Size}
	if err := d.Check(); err != nil {
		return r.wrong("recipe", "%w", err)
	}
	r.record.Recipes = append(r.record.Recipes, d)
	return nil
}

func lineOfMark(m *Mark) markLine {
	return markLine{
		Mark: string(m.Kind), Client: string(m.Client), Program: m.Program,
		Session: hexSession(m.Session), Office: string(m.Office), Node: string(m.Node),
		For: string(m.For), As: m.As, Token: m.Token, Size: m.Size, Looks: m.Looks, Attends: m.Attends,
		Careful: m.Careful, Line: m.Line, ByAge: m.ByAge, Guards: string(m.Guards), Renews: m.Renews,
		At: m.At, Place: m.Place,
	}
}

func lineOfLife(l *Life) lifeLine {
	line := lifeLine{
		Life: string(l.Path), Maker: hexSession(l.Maker), Ephemeral: l.Ephemeral,
		Ender: hexSession(l.Ender), Closed: l.Closed, Born: decimal(l.Born), Died: decimal(l.Died),
		From: l.From, Made: l.Made,
	}
	if l.Gone != Infinity {
		line.To, line.Gone = &l.To, &l.Gone
	}
	return line
}

// markKinds are all kinds of marks.
var markKinds = []MarkKind{Waits, Holds, LetsGo, Puts, HasPut, PerhapsPut, NotPut, Takes, Took,
	PerhapsTook, Enters, Passes, Leaves, HasLeft, SessionOver, Connected,
	ConnectionLost, Died}

func (r *reading) mark() error {
	var l markLine
	if err := r.strict(&l); err != nil {
		return err
	}
	if !slices.Contains(markKinds, MarkKind(l.Mark)) {
		return r.wrong("mark", "unknown mark %q: must be one of %q", l.Mark, markKinds)
	}
	if !slices.Contains([]string{"", Exclusive, Shared, Lease}, l.As) {
		return r.wrong("as", `"as" is %q: must be "exclusive", "shared" or "lease"`, l.As)
	}
	r.record.Marks = append(r.record.Marks, Mark{
		Client: Client(l.Client), Program: l.Program, Session: r.number("session", l.Session),
		Kind: MarkKind(l.Mark), Office: Path(l.Office), Node: Path(l.Node), For: Path(l.For),
		As: l.As, Token: l.Token, Size: l.Size, Looks: l.Looks, Attends: l.Attends, Careful: l.Careful,
		Line: l.Line, ByAge: l.ByAge, Guards: Path(l.Guards), Renews: l.Renews,
		At: l.At, Place: l.Place,
	})
	return r.err
}

func (r *reading) life() error {
	var l lifeLine
	if err := r.strict(&l); err != nil {
		return err
	}
	v := Life{
		Path: Path(l.Life), Maker: r.number("maker", l.Maker), Ephemeral: l.Ephemeral,
		Ender: r.number("ender", l.Ender), Closed: l.Closed, Born: r.zxid("born", l.Born),
		Died: r.zxid("died", l.Died), From: l.From, To: Infinity, Made: l.Made, Gone: Infinity,
	}
	if (l.To == nil) != (l.Gone == nil) {
		return r.wrong("life", `"to" or "gone" is missing: a deleted node has both keys, `+
			`an existing node has neither`)
	}
	if l.To != nil {
		v.To, v.Gone = *l.To, *l.Gone
	}
	for _, span := range []struct {
		begin, end string
		from, to   int64
	}{{"from", "to", v.From, v.To}, {"made", "gone", v.Made, v.Gone}} {
		if span.to < span.from {
			return r.wrong("life", "node %s ends before it begins: %q is %d, but %q is %d", l.Life,
				span.end, span.to, span.begin, span.from)
		}
	}
	r.record.Lives = append(r.record.Lives, v)
	return r.err
}

func (r *reading) calm() error {
	var l calmLine
	if err := r.strict(&l); err != nil {
		return err
	}
	if l.Within <= 0 {
		return r.wrong("within", "\"within\" is %d: must be a time above 0, in "+
			"microseconds", l.Within)
	}
	r.record.FaultFree = FaultFree{l.Calm, l.Within}
	return nil
}
