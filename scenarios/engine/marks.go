package engine

import (
	"cmp"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

var markKinds = [...]lin.MarkKind{
	client.Waits: lin.Waits, client.Holds: lin.Holds, client.LetsGo: lin.LetsGo,
	client.Puts: lin.Puts, client.HasPut: lin.HasPut, client.PerhapsPut: lin.PerhapsPut,
	client.NotPut: lin.NotPut, client.Takes: lin.Takes, client.Took: lin.Took,
	client.PerhapsTook: lin.PerhapsTook, client.Enters: lin.Enters, client.Passes: lin.Passes,
	client.Leaves: lin.Leaves, client.HasLeft: lin.HasLeft,
}

// MarkName returns the name of a kind of [client.Mark], such as "holds".
func MarkName(k client.MarkKind) string { return string(markKinds[k]) }

// marks are what all programs said of their recipes, and when their clients learned that a session
// was over, or died. Without a statement of a program there are none.
func (a *Account) marks() (list []lin.Mark) {
	n := 0
	for i := range a.Heard {
		n += len(a.Heard[i].Marks)
	}
	list = make([]lin.Mark, 0, n)
	for i := range a.Heard {
		c := &a.Heard[i]
		for k := range c.Marks {
			m := &c.Marks[k]
			list = append(list, lin.Mark{
				Client: lin.Client(c.Client), Program: m.Program, Session: lin.Session(m.Session),
				Kind: markKinds[m.Kind], Office: lin.Path(m.Office), Node: lin.Path(m.Node), For: lin.Path(m.For),
				As: string(m.As), Token: m.Token, Size: m.Size, Looks: a.stretched(m.Looks), Attends: m.Attends,
				Careful: m.Careful, Line: m.Line, ByAge: m.ByAge, Guards: lin.Path(m.Guards),
				Renews: a.stretched(m.Renews),
				At:     int64(m.At), Place: m.Index,
			})
		}
	}
	if len(list) == 0 {
		return nil
	}
	// A client learns of the end of its session before its programs act on that, in the same step;
	// it dies after all that it did.
	var learned, died []lin.Mark
	for i := range a.Heard {
		c := &a.Heard[i]
		for _, s := range c.States {
			kind := lin.SessionOver
			switch {
			case s.State == client.Connected:
				kind = lin.Connected
			case s.State == client.Disconnected:
				kind = lin.ConnectionLost
			case !s.State.Final():
				continue
			}
			learned = append(learned, lin.Mark{Kind: kind, Client: lin.Client(c.Client),
				Session: lin.Session(s.Session), At: int64(s.At), Place: s.Index})
		}
		for _, d := range c.Deaths {
			died = append(died, lin.Mark{Kind: lin.Died, Client: lin.Client(c.Client),
				Session: lin.Session(d.Session), At: int64(d.At), Place: d.Index})
		}
	}
	list = slices.Concat(learned, list, died)
	slices.SortStableFunc(list, func(a, b lin.Mark) int { return cmp.Compare(a.Place, b.Place) })
	return list
}

// stretched returns a span of a client's clock, in µs, as the judge of recipes needs it: the judge
// allows twice the span, which is enough for clocks that run at half their speed. If a fault has made
// a clock slower than that, the span grows.
func (a *Account) stretched(t sim.Time) int64 {
	if a.Slowest > 0 && a.Slowest < 500 {
		return int64(t) * 500 / a.Slowest
	}
	return int64(t)
}

// lives are the times in which nodes existed.
func (a *Account) lives() (list []lin.Life) {
	open := make(map[string]int)
	for i := range a.Changes {
		c := &a.Changes[i]
		switch c.Event {
		case tree.NodeCreated:
			open[c.Path] = len(list)
			list = append(list, lin.Life{
				Path: lin.Path(c.Path), Maker: lin.Session(c.Session), Ephemeral: c.Ephemeral,
				Born: lin.Zxid(c.Zxid), From: int64(c.At), To: lin.Infinity,
				Made: c.Index, Gone: lin.Infinity,
			})
		case tree.NodeDeleted:
			if k, ok := open[c.Path]; ok {
				l := &list[k]
				l.Ender, l.Died = lin.Session(c.Session), lin.Zxid(c.Zxid)
				l.Closed, l.To, l.Gone = c.Closing, int64(c.At), c.Index
				delete(open, c.Path)
			}
		}
	}
	return list
}
