package promise

import (
	"fmt"
	"maps"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// hold is a time in which a program believed that it held an office. From is included, To excluded;
// both are places.
type hold struct {
	*lin.Mark // that began it
	from, to  int64
	ended     int64     // µs; Infinity if it never ended
	attends   int64     // µs; from then on the program lets go at once; Infinity if never
	life      *lin.Life // of the node of the holder's session; nil without one
	until     int64     // µs; when the session ended, of a declared recipe; else Infinity
}

// who names a program.
type who struct {
	client  lin.Client
	program int
	office  lin.Path
}

// forget deletes what the programs of a client have under way: the client died.
func forget[V any](of map[who]V, client lin.Client) {
	maps.DeleteFunc(of, func(at who, _ V) bool { return at.client == client })
}

// findHolds pairs the marks that begin and end a hold.
func (j *judge) findHolds() {
	open := make(map[who]int)
	end := func(at who, m *lin.Mark) {
		if i, ok := open[at]; ok {
			j.holds[i].to, j.holds[i].ended = m.Place, m.At
			delete(open, at)
		}
	}
	for i := range j.Marks {
		m := &j.Marks[i]
		at := who{m.Client, m.Program, m.Office}
		switch m.Kind {
		case lin.Holds:
			if k, ok := open[at]; !ok || j.holds[k].Node != m.Node {
				end(at, m)
				open[at] = len(j.holds)
				j.holds = append(j.holds, j.begun(m))
			}
			if h := &j.holds[open[at]]; m.Attends { // it may say so again, to attend from now on
				h.attends = min(h.attends, m.At)
			}
		case lin.Waits, lin.LetsGo:
			end(at, m)
		case lin.Died:
			for at := range open { // order: each ends separately
				if at.client == m.Client {
					end(at, m)
				}
			}
		}
	}
	for i := range j.holds {
		j.figure(&j.holds[i])
	}
}

// begun is the hold that a mark begins.
func (j *judge) begun(m *lin.Mark) hold {
	h := hold{Mark: m, from: m.Place, to: lin.Infinity, ended: lin.Infinity, attends: lin.Infinity,
		life: j.life(m.Node, m.Session, m.Place), until: lin.Infinity}
	if j.is[m.Office] != nil {
		h.until = j.sessionEnd(m.Session)
	}
	return h
}

// gone returns when the reason of a belief was gone: the holder's node, or, without one, the
// session, if the office is declared.
func (h *hold) gone() int64 {
	if h.life != nil {
		return h.life.To
	}
	return h.until
}

// figure measures how long a belief outlived its reason.
func (j *judge) figure(h *hold) {
	f := &j.report.Figures
	f.Holds++
	gone := h.gone()
	if h.ended == lin.Infinity || gone >= h.ended {
		return
	}
	f.Past++
	f.Longest = max(f.Longest, h.ended-gone)
}

// exclusion judges MutualExclusion and ReadersWriters.
func (j *judge) exclusion() {
	shared := make(map[lin.Path]bool) // offices that readers hold too
	byOffice := make(map[lin.Path][]*hold)
	var offices []lin.Path
	for i := range j.holds {
		h := &j.holds[i]
		if h.As == lin.Lease || j.leased(h.Office) {
			continue
		}
		if byOffice[h.Office] == nil {
			offices = append(offices, h.Office)
		}
		byOffice[h.Office] = append(byOffice[h.Office], h)
		shared[h.Office] = shared[h.Office] || h.As == lin.Shared
	}
	for _, office := range offices {
		check := MutualExclusion
		if shared[office] {
			check = ReadersWriters
		}
		list := byOffice[office]
		for i, a := range list {
			j.judged(check)
			for _, b := range list[i+1:] {
				if a.As == lin.Shared && b.As == lin.Shared {
					continue
				}
				j.together(check, a, b)
			}
		}
	}
}

// together reports two holders whose nodes both exist. A belief without a node counts, in an office
// that is declared, as long as the session in which it began. The holder b began later.
func (j *judge) together(check string, a, b *hold) {
	declared := j.is[b.Office] != nil
	if !declared && (a.life == nil || b.life == nil) || a.life != nil && a.life == b.life {
		return
	}
	from, to := max(a.from, b.from), min(a.to, b.to)
	since, until := b.At, min(a.ended, b.ended)
	for _, h := range []*hold{a, b} {
		if h.life != nil {
			from, to = max(from, h.life.Made), min(to, h.life.Gone)
		} else if until = min(until, h.until); since >= until {
			return // a session has no place among the events: only its moment counts
		}
	}
	if from >= to {
		return
	}
	alive := "both nodes exist"
	if a.life == nil || b.life == nil {
		alive = "both sessions are still alive"
	}
	j.broken(check, b.At, []int64{a.from, b.from},
		"%s holds %s from %s on%s, and %s holds it from %s on%s: at %s both believe that they "+
			"hold it, and %s", a.name(), b.Office, seconds(a.At), a.by(), b.name(),
		seconds(b.At), b.by(), seconds(b.At), alive)
}

// by names the holder's node, if it has one.
func (h *hold) by() string {
	if h.Node == "" {
		return ""
	}
	return " with node " + h.node()
}

// name returns the holder's client, marked as a reader if it is one.
func (h *hold) name() string {
	if h.As == lin.Shared {
		return string(h.Client) + " (a reader)"
	}
	return string(h.Client)
}

// node is the last part of the holder's node.
func (h *hold) node() string { return base(h.Node) }

func base(path lin.Path) string { return string(path[strings.LastIndexByte(string(path), '/')+1:]) }

// seconds prints a time in µs.
func seconds(us int64) string { return fmt.Sprintf("%d.%06ds", us/1_000_000, us%1_000_000) }
