package explore

import (
	"math/bits"

	"github.com/zablab/zablab/zab"
)

// actionKind is a kind of choice.
type actionKind uint8

const (
	doDeliver actionKind = iota + 1 // conn, b: the direction
	doFsync                         // a: the server, as in all that follow
	doTimer                         // b: the timer; early: from the bound
	doElect                         // set: the voters that agree
	doJoin                          // b: the leader
	doRestart
	doWrite
	doCrash
	doPower
	doWipe
)

// action is one choice.
type action struct {
	kind  actionKind
	a, b  uint8
	early bool
	set   uint8 // of servers: bit 0 is server 1
	conn  connID
}

// spent is what a world has used of its bounds, a nibble each.
type spent uint32

const (
	spentWrites   = 0
	spentCrashes  = 4
	spentPowers   = 8
	spentTimeouts = 12
	spentWipes    = 16
)

func (s spent) of(what int) int           { return int(s >> what & 15) }
func (s spent) more(what int) spent       { return s + 1<<what }
func has(set uint8, server int) bool      { return set>>(server-1)&1 != 0 }
func (t *summary) fires(x zab.Timer) bool { return t.up && t.timers.Has(x) }

// choices appends every choice in a world.
func (s *Setup) choices(list []action, sums *[MaxServers + 1]*summary, chans []channel,
	so spent) []action {
	first := len(list)
	for k := range chans {
		c := &chans[k]
		for dir := range 2 {
			if c.q[dir] != 0 && c.open>>(1-dir)&1 != 0 {
				list = append(list, action{kind: doDeliver, a: uint8(c.id.end(dir)), b: uint8(dir),
					conn: c.id})
			}
		}
	}
	for i := 1; i <= s.all(); i++ {
		list = s.choicesOf(list, i, sums, chans)
	}
	if s.Oracle {
		list = s.elections(list, sums)
	}
	if len(list) == first {
		list = s.lastResort(list, sums)
	}
	return s.fromBounds(list, sums, so)
}

// choicesOf appends what one server may do of itself.
func (s *Setup) choicesOf(list []action, i int, sums *[MaxServers + 1]*summary,
	chans []channel) []action {
	t, who := sums[i], uint8(i)
	if t.up && t.syncing {
		list = append(list, action{kind: doFsync, a: who})
	}
	timer := func(x zab.Timer, may bool) {
		if may && t.fires(x) {
			list = append(list, action{kind: doTimer, a: who, b: uint8(x)})
		}
	}
	timer(zab.FinalizeTimer, !s.Oracle && !(s.Patient && voting(chans, i)))
	timer(zab.RetryTimer, t.follows > 0 && sums[t.follows].leads)
	timer(zab.PieceTimer, true)
	timer(zab.TickTimer, true)
	return list
}

// elections appends what the oracle may decide: any majority of the servers that look for a leader
// elects the best of them, or a server joins a leader.
func (s *Setup) elections(list []action, sums *[MaxServers + 1]*summary) []action {
	looking := uint8(0)
	for i := 1; i <= s.all(); i++ {
		t := sums[i]
		if !t.up || !t.elects {
			continue
		}
		for j := 1; j <= s.all(); j++ {
			if o := sums[j]; j != i && o.up && o.leads && !o.learners.Has(zab.ID(i)) {
				list = append(list, action{kind: doJoin, a: uint8(i), b: uint8(j)})
			}
		}
		if t.own != 0 {
			looking |= 1 << (i - 1)
		}
	}
	quorum := s.Servers/2 + 1
	for set := uint8(1); set < 1<<s.all(); set++ {
		if set&^looking == 0 && bits.OnesCount8(set) == quorum {
			list = append(list, action{kind: doElect, set: set})
		}
	}
	return list
}

// lastResort appends the timeouts that come when nothing else can happen.
func (s *Setup) lastResort(list []action, sums *[MaxServers + 1]*summary) []action {
	for i := 1; i <= s.all(); i++ {
		t := sums[i]
		for _, x := range [...]zab.Timer{zab.ResendTimer, zab.RetryTimer, zab.SilenceTimer,
			zab.GiveUpTimer} {
			if !t.fires(x) || x == zab.ResendTimer && s.Oracle || x == zab.SilenceTimer && t.serving {
				continue
			}
			list = append(list, action{kind: doTimer, a: uint8(i), b: uint8(x)})
			break
		}
	}
	return list
}

// fromBounds appends restarts, and what the bounds still allow.
func (s *Setup) fromBounds(list []action, sums *[MaxServers + 1]*summary, so spent) []action {
	for i := 1; i <= s.all(); i++ {
		t, who := sums[i], uint8(i)
		if !t.up {
			list = append(list, action{kind: doRestart, a: who})
			continue
		}
		if so.of(spentWrites) < s.Writes && t.ready {
			list = append(list, action{kind: doWrite, a: who})
		}
		if so.of(spentCrashes) < s.Crashes {
			list = append(list, action{kind: doCrash, a: who})
		}
		if so.of(spentPowers) < s.Powers {
			list = append(list, action{kind: doPower, a: who})
		}
		if so.of(spentWipes) < s.Wipes {
			list = append(list, action{kind: doWipe, a: who})
		}
		if so.of(spentTimeouts) < s.Timeouts {
			for _, x := range [...]zab.Timer{zab.SilenceTimer, zab.LonelyTimer} {
				if t.fires(x) {
					list = append(list, action{kind: doTimer, a: who, b: uint8(x), early: true})
				}
			}
		}
	}
	return list
}

// best returns the server of a set that the others elect.
func (s *Setup) best(set uint8, sums *[MaxServers + 1]*summary, w *words, judge *zab.Peer) int {
	leader := 0
	for i := 1; i <= s.all(); i++ {
		if has(set, i) && (leader == 0 || judge.Prefers(w.votes[sums[i].own],
			w.votes[sums[leader].own])) {
			leader = i
		}
	}
	return leader
}

// perform carries out an action in a scene, and returns what is spent after it.
func (s *Setup) perform(c *scene, x action, so spent, w *words, judge *zab.Peer) spent {
	i := int(x.a)
	switch x.kind {
	case doDeliver:
		c.deliver(x.conn, int(x.b))
	case doFsync:
		c.event(i, event{kind: evFsync})
	case doTimer:
		if x.early {
			so = so.more(spentTimeouts)
		}
		c.event(i, event{kind: evTimer, arg: x.b})
	case doElect:
		leader := s.best(x.set, &c.sums, w, judge)
		vote := c.sums[leader].own
		c.event(leader, event{kind: evDecide, msg: vote})
		for j := 1; j <= s.all(); j++ {
			if has(x.set, j) && j != leader {
				c.settle()
				c.event(j, event{kind: evDecide, msg: vote})
			}
		}
	case doJoin:
		c.event(i, event{kind: evDecide, msg: c.sums[x.b].vote})
	case doWrite:
		n := so.of(spentWrites)
		so = so.more(spentWrites)
		c.event(i, event{kind: evWrite, arg: uint8(n)})
	case doRestart:
		c.event(i, event{kind: evBoot})
	case doCrash:
		so = so.more(spentCrashes)
		c.event(i, event{kind: evCrash})
	case doPower:
		so = so.more(spentPowers)
		c.event(i, event{kind: evPower})
	case doWipe:
		so = so.more(spentWipes)
		c.event(i, event{kind: evWipe})
	}
	c.settle()
	return so
}
