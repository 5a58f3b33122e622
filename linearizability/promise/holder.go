package promise

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// owners judges OwnNode and OwnRelease.
func (j *judge) owners() {
	offices := make(map[lin.Path]bool) // true if its holders have numbered nodes below it
	aged := make(map[lin.Path]bool)    // true if the oldest node below it holds it
	for i := range j.holds {
		h := &j.holds[i]
		offices[h.Office] = offices[h.Office] || h.Line || j.numbered(h)
		aged[h.Office] = aged[h.Office] || h.ByAge
		if h.Node == "" {
			j.unnamed(h)
			continue
		}
		j.judged(OwnNode)
		if h.life == nil {
			j.broken(OwnNode, h.At, []int64{h.from},
				"%s holds %s from %s on with the node %s, but its session never created that node",
				h.name(), h.Office, seconds(h.At), h.node())
			continue
		}
		if l := h.life; l.Gone != lin.Infinity && !l.Closed && l.Ender == l.Maker &&
			h.from < l.Gone && l.Gone < h.to {
			time := l.To
			j.broken(OwnRelease, time, []int64{h.from, l.Gone},
				"%s deletes its own node %s at %s, but continues to hold %s", h.name(), h.node(),
				seconds(time), h.Office)
		}
	}
	for i := range j.Lives {
		l := &j.Lives[i]
		line, held := offices[l.Path]
		if held = held && !line; !held {
			_, held = number(l.Path)
			held = held && offices[parent(l.Path)] || aged[parent(l.Path)]
		}
		if !held || !l.Ephemeral || l.Gone == lin.Infinity {
			continue
		}
		j.judged(OwnRelease)
		if !l.Closed && l.Ender != l.Maker && !j.former(l) {
			time, client, owner := l.To, j.clientOf(l.Ender), j.clientOf(l.Maker)
			j.broken(OwnRelease, time, []int64{l.Made, l.Gone},
				"%s deletes %s at %s, although the node belongs to %s", client, l.Path,
				seconds(time),
				owner)
		}
	}
}

// numbered reports whether a program holds an office that it declares by a numbered node below it.
// Such a program need not say that it waits in a line.
func (j *judge) numbered(h *hold) bool {
	_, is := number(h.Node)
	return is && j.is[h.Office] != nil && parent(h.Node) == h.Office
}

// former reports whether a node was deleted by a later session of the client that had made it, when
// no program of that client held an office by it any more: a process that starts again may remove
// what is left of its former self, as HBase's masters and Kafka's brokers do.
func (j *judge) former(l *lin.Life) bool {
	maker := j.clientOf(l.Maker)
	return maker != unknown && maker == j.clientOf(l.Ender) && !slices.ContainsFunc(j.holds, func(h hold) bool {
		return h.life == l && h.to > l.Gone
	})
}

// clientOf names the client that has a session, or had it.
func (j *judge) clientOf(s lin.Session) lin.Client {
	for i := range j.Marks {
		if j.Marks[i].Session == s {
			return j.Marks[i].Client
		}
	}
	for i := range j.Ops {
		if j.Ops[i].Session == s && j.Ops[i].Client != "ensemble" {
			return j.Ops[i].Client
		}
	}
	return unknown
}

// unknown stands for the client of a session that no mark and no call names.
const unknown lin.Client = "an unknown client"

// stepsDown judges StepsDown. A client learns of the end of its session from a server. A holder
// that attends lets go in the same step. Any other holder may be at work, and lets go when it looks
// next. It is late if its client has made calls at two moments since then; a paused client makes
// none.
func (j *judge) stepsDown() {
	for i := range j.holds {
		h := &j.holds[i]
		over := j.learned(h)
		if over == nil {
			continue
		}
		from := max(h.attends, over.At)
		if h.Careful {
			from = over.At
		}
		if from != lin.Infinity {
			if j.judged(StepsDown); h.ended > from {
				j.wentOn(h, over, from)
				continue
			}
		}
		if h.Looks == 0 {
			continue
		}
		j.judged(StepsDown)
		late, first := over.At+2*h.Looks, int64(0) // its clock may run at half speed
		for k := range j.Ops {
			o := &j.Ops[k]
			if o.Client != h.Client || o.Call <= late || o.Call >= h.ended {
				continue
			}
			if first == 0 {
				first = o.Call
			} else if o.Call != first {
				j.wentOn(h, over, max(first, o.Call))
				break
			}
		}
	}
}

// learned is the mark by which the holder's client learned during the hold that its session is
// over, or, if the holder is careful, that its connection is lost.
func (j *judge) learned(h *hold) *lin.Mark {
	i := slices.IndexFunc(j.Marks, func(m lin.Mark) bool {
		return (m.Kind == lin.SessionOver || h.Careful && m.Kind == lin.ConnectionLost) &&
			m.Client == h.Client && m.Session == h.Session && m.Place >= h.from && m.Place < h.to
	})
	if i < 0 {
		return nil
	}
	return &j.Marks[i]
}

func (j *judge) wentOn(h *hold, over *lin.Mark, at int64) {
	until := "for ever"
	if h.ended != lin.Infinity {
		until = "until " + seconds(h.ended)
	}
	loss := "the session that created this node has ended"
	if over.Kind == lin.ConnectionLost {
		loss = "its connection is lost"
	}
	j.broken(StepsDown, at, []int64{h.from, over.Place},
		"%s holds %s (node %s) %s, although it learned at %s that %s", h.name(), h.Office, h.node(),
		until, seconds(over.At), loss)
}

// tokens judges FreshToken: each program that gets an office exclusively gets a larger token than
// the program before it. A client that was paused may learn that it got the office when its node is
// gone: it is no holder. A holder that has let go because its connection was lost may hold the
// office again by the same node, and then has the same token.
func (j *judge) tokens() {
	newest := make(map[lin.Path]*hold)
	for i := range j.holds {
		h := &j.holds[i]
		if h.As != lin.Exclusive || h.Token == 0 && !h.Line || h.life == nil ||
			h.life.Gone <= h.from {
			continue
		}
		j.judged(FreshToken)
		if h.Token == 0 {
			j.broken(FreshToken, h.At, []int64{h.from}, "%s holds %s from %s on without a token",
				h.name(), h.Office, seconds(h.At))
			continue
		}
		last := newest[h.Office]
		again := last != nil && last.life == h.life && last.Token == h.Token
		if last != nil && h.Token <= last.Token && !again {
			j.broken(FreshToken, h.At, []int64{last.from, h.from},
				"%s holds %s from %s on with token %v, but %s held it before with token %v: "+
					"tokens must grow",
				h.name(), h.Office, seconds(h.At), lin.Zxid(h.Token), last.name(),
				lin.Zxid(last.Token))
		}
		newest[h.Office] = h
	}
}
