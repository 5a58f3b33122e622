package trace

import "slices"

// Causes returns the chain of causes of event step, as indices: step itself, its direct cause, the
// direct cause of that cause, and so on. parents[i] is the direct cause of event i, or -1.
func Causes(parents []int64, step int64) (chain []int64) {
	for i := step; i >= 0 && i < int64(len(parents)); i = parents[i] {
		chain = append(chain, i)
	}
	return chain
}

// Effects finds the events that a given event caused, directly or through other events. The field
// Of has the index of the given event.
type Effects struct {
	Of   int64
	into []bool // by index since Of: whether the event is an effect
}

// Add takes the next event, and reports whether it is the given event or one of its effects.
func (f *Effects) Add(e *Event) bool {
	if e.I < f.Of {
		return false
	}
	is := e.I == f.Of || e.Cause >= f.Of && f.into[e.Cause-f.Of]
	f.into = append(f.into, is)
	return is
}

// Spent is how long a chain of causes waited for timers, the network and disks, in µs.
type Spent struct{ Timers, Network, Disk, Other int64 }

// SpentOn adds up the waits along a chain of causes. The chain begins with its latest event.
func SpentOn(chain []Event) (s Spent) {
	for i := 0; i+1 < len(chain); i++ {
		t := chain[i].T - chain[i+1].T
		switch chain[i].K {
		case "timer.fire":
			s.Timers += t
		case "recv", "drop":
			s.Network += t
		case "sync", "persist":
			s.Disk += t
		default:
			s.Other += t
		}
	}
	return s
}

// Aside is an event that explains another event but did not cause it: the event that set a watch
// before the watch fired, or a client's last action before its session expired. The field For has
// the index of the explained event.
type Aside struct {
	For   int64
	Event Event
}

// Asides finds, for a chain of causes, the events that explain an event of the chain but did not
// cause it ([Aside]), such as the call that set a watch. It reads what the events change ([Patch]),
// never their texts.
type Asides struct {
	Chain  []int64 // ascending
	Found  []Aside
	set    map[[3]string]Event // node, path, client
	fired  map[string]Event    // by client: the event that set the watch that fired last
	spoke  map[string]Event    // by client: its last action
	expire []expiry
}

// expiry is the expiry of a session whose client is not known yet: only the patch of the commit
// names the client.
type expiry struct {
	step  int64
	z     string
	spoke map[string]Event
}

// Add takes the next event of the run, and the state after that event.
func (a *Asides) Add(e *Event, s *State) {
	if a.set == nil {
		a.set = make(map[[3]string]Event)
		a.fired, a.spoke = make(map[string]Event), make(map[string]Event)
	}
	n := s.Find(e.N)
	client := n != nil && n.Kind == "client"
	if client && (e.K == "send" || e.K == "crash" || e.K == "pause") {
		a.spoke[e.N] = *e
	}
	if w := e.Patch.Watch; w != nil && !w.All {
		at := [3]string{e.N, w.Path, w.Client}
		if w.Set {
			a.set[at] = *e
		} else {
			a.fired[w.Client] = a.set[at]
		}
	}
	_, in := slices.BinarySearch(a.Chain, e.I)
	if in && client && e.K == "watch.fire" {
		if set, ok := a.fired[e.N]; ok && set.Say != "" {
			a.Found = append(a.Found, Aside{e.I, set})
		}
	}
	if in && e.K == "session.expire" && e.Key == "expire" {
		x := expiry{step: e.I, spoke: make(map[string]Event)}
		for _, n := range s.Nodes {
			if last, ok := a.spoke[n.ID]; ok {
				x.spoke[n.ID] = last
			}
		}
		a.expire = append(a.expire, x)
	}
	a.resolve(e)
}

// resolve finds the client of each expired session: the expiry causes a log record, and the commit
// of that record names the client.
func (a *Asides) resolve(e *Event) {
	for i := range a.expire {
		x := &a.expire[i]
		switch {
		case x.z == "" && e.Cause == x.step && e.Patch.Log != nil:
			x.z = e.Patch.Log.Z
		case x.z != "" && e.Patch.Com != nil && *e.Patch.Com == x.z && len(e.Patch.Sess) > 0:
			if last, ok := x.spoke[e.Patch.Sess[0].Client]; ok {
				a.Found = append(a.Found, Aside{x.step, last})
			}
			x.z = "-" // matches no zxid: resolved
		}
	}
}
