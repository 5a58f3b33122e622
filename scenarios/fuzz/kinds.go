package fuzz

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// kind is one kind of fault in a schedule: its name, and the function that adds to a plan such
// faults and the faults that end them.
type kind struct {
	name   string
	beyond bool // no such protocol survives it
	pick   func(*generator, moment)
}

// kinds is the table of the kinds of faults in plans. The protocol promises to survive all of them
// but the last two: only one disk of a schedule loses what it had on disk, and every crashed
// machine restarts. The order is part of what a seed means.
var kinds = []kind{
	{name: "crash", pick: func(d *generator, m moment) { d.downAndUp(m, sim.Crash(m.server)) }},
	{name: "power", pick: func(d *generator, m moment) { d.downAndUp(m, sim.PowerLoss(m.server)) }},
	{name: "all-power", pick: (*generator).allPower},
	{name: "quorum-first", pick: (*generator).quorumFirst},
	{name: "rolling", pick: (*generator).rolling},
	{name: "disk", pick: (*generator).disk},
	{name: "wipe", pick: (*generator).wipeOnce},
	{name: "at-fsync", pick: (*generator).atFsync},
	{name: "at-message", pick: (*generator).atMessage},
	{name: "at-becomes", pick: (*generator).atBecomes},
	{name: "at-boot", pick: (*generator).atBoot},
	{name: "at-trunc", pick: (*generator).atTrunc},
	{name: "at-catch-up", pick: (*generator).atCatchUp},
	{name: "pause", pick: (*generator).pause},
	{name: "nap", pick: (*generator).nap},
	{name: "split", pick: func(d *generator, m moment) {
		d.untilHeal(m, sim.Split(d.halves(m.everybody())...))
	}},
	{name: "isolate", pick: func(d *generator, m moment) {
		d.untilHeal(m, sim.Split(apart(m.server, m.everybody())...))
	}},
	{name: "bridge", pick: func(d *generator, m moment) { // clients reach both halves
		d.untilHeal(m, sim.Split(d.halves(m.servers)...))
	}},
	{name: "storm", pick: (*generator).storm},
	{name: "deposed", pick: (*generator).deposed},
	{name: "ring", pick: (*generator).ring},
	{name: "swizzle", pick: (*generator).swizzle},
	{name: "cut", pick: (*generator).cut},
	{name: "reset", pick: func(d *generator, m moment) {
		d.at(m.at, sim.Reset(m.client, m.server))
	}},
	{name: "hold", pick: (*generator).hold},
	{name: "slow-disk", pick: func(d *generator, m moment) {
		d.at(m.at, sim.SlowFsync(m.server, m.span/4))
		d.at(m.until, sim.SlowFsync(m.server, sim.Millisecond))
	}},
	{name: "slow-link", pick: func(d *generator, m moment) {
		if m.server != m.other {
			d.at(m.at, sim.Delay(m.server, m.other, m.span/20))
		}
	}},
	{name: "clock", pick: func(d *generator, m moment) {
		d.at(m.at, sim.SetClock(m.server, one[int64](d, 500, 900, 1100, 2000)))
	}},
	{name: "wall", pick: func(d *generator, m moment) {
		d.at(m.at, sim.JumpWall(m.server, one(d, sim.Hour, -sim.Hour)))
	}},
	{name: "expire", pick: func(d *generator, m moment) { d.at(m.at, sim.Expire(m.client)) }},
	{name: "client-crash", pick: func(d *generator, m moment) {
		d.at(m.at, sim.Crash(m.client))
		d.at(m.until, sim.Restart(m.client))
	}},

	{name: "corrupt", beyond: true, pick: func(d *generator, m moment) {
		d.at(m.at, sim.Corrupt(m.server))
		d.at(m.at+1, sim.Crash(m.server))
		d.at(m.until, sim.Restart(m.server))
	}},
	{name: "wipes", beyond: true, pick: func(d *generator, m moment) {
		d.wipe(m)
		d.wipe(m)
	}},
}

// kindNames returns the names of the kinds that a protocol can survive, or those of the other
// kinds.
func kindNames(beyond bool) (names []string) {
	for _, k := range kinds {
		if k.beyond == beyond {
			names = append(names, k.name)
		}
	}
	return names
}

// moment has the random choices for one fault. All are made, whether the kind of fault needs them
// or not.
type moment struct {
	at, until     sim.Time // the fault begins, and ends
	span          sim.Time
	server, other string
	client        string

	servers, clients []string // all of them
}

func (d *generator) moment() moment {
	s := &d.s
	m := moment{servers: s.servers(), clients: s.names()}
	m.at = d.Between(sim.Second, s.Length-3*sim.Second)
	m.server, m.other, m.client = one(d, m.servers...), one(d, m.servers...), one(d, m.clients...)
	m.until = m.at + d.Between(100*sim.Millisecond, 4*sim.Second)
	m.span = d.Between(10*sim.Millisecond, 3*sim.Second)
	return m
}

func (m *moment) everybody() []string { return slices.Concat(m.clients, m.servers) }

// at adds a fault at a moment; on adds a fault that waits for an event.
func (d *generator) at(t sim.Time, f sim.Fault)     { d.s.Plan = append(d.s.Plan, f.At(t)) }
func (d *generator) on(event sim.When, f sim.Fault) { d.s.Plan = append(d.s.Plan, f.On(event)) }

func (d *generator) downAndUp(m moment, f sim.Fault) {
	d.at(m.at, f)
	d.at(m.until, sim.Restart(m.server))
}

func (d *generator) untilHeal(m moment, f sim.Fault) {
	d.at(m.at, f)
	d.at(m.until, sim.Heal())
}

func (d *generator) allPower(m moment) {
	for _, name := range m.servers {
		d.at(m.at, sim.PowerLoss(name))
	}
	d.restart(m.servers, m.until)
}

// quorumFirst takes the power of all servers; a bare quorum of voters restarts first.
func (d *generator) quorumFirst(m moment) {
	for _, name := range m.servers {
		d.at(m.at, sim.PowerLoss(name))
	}
	var few []string
	for range d.s.Servers/2 + 1 {
		few = append(few, one(d, without(m.servers[:d.s.Servers], few...)...))
	}
	d.restart(few, m.until)
	d.restart(without(m.servers, few...), m.until+sim.Second+m.span)
}

func (d *generator) rolling(m moment) {
	for i, name := range m.servers {
		from := m.at + sim.Time(i)*(m.span/4+200*sim.Millisecond)
		d.at(from, sim.Crash(name))
		d.at(from+m.span/4+d.Between(0, 400*sim.Millisecond), sim.Restart(name))
	}
}

func (d *generator) disk(m moment) {
	switch d.Intn(3) {
	case 0:
		d.at(m.at, sim.Tear(m.server))
		d.at(m.at+1, sim.PowerLoss(m.server))
	case 1:
		d.at(m.at, sim.FailFsync(m.server))
	case 2:
		d.at(m.at, sim.FillDisk(m.server))
		d.at(m.until-1, sim.Crash(m.server))
	}
	d.at(m.until, sim.Restart(m.server))
}

// wipeOnce wipes at most one disk of a schedule: two disks might be those of a quorum.
func (d *generator) wipeOnce(m moment) {
	if !d.wiped {
		d.wiped = true
		d.wipe(m)
	}
}

// wipe loses the disk of a voter. In another form of the fault, a minority is cut off, all servers
// lose power, and one server of the majority also loses its disk; then the minority and the empty
// server restart first.
func (d *generator) wipe(m moment) {
	voters := m.servers[:d.s.Servers]
	a := one(d, voters...)
	if d.Intn(2) == 0 {
		d.at(m.at, sim.Wipe(a))
		d.at(m.until, sim.Restart(a))
		return
	}
	var few []string
	for range (d.s.Servers - 1) / 2 {
		few = append(few, one(d, without(voters, append(few, a)...)...))
	}
	d.at(m.at, sim.Split(few, without(m.servers, few...)))
	down := d.Between(m.at, m.until)
	for _, name := range m.servers {
		if name == a {
			d.at(down, sim.Wipe(name))
		} else {
			d.at(down, sim.PowerLoss(name))
		}
	}
	d.at(down, sim.Heal())
	first := append(slices.Clone(few), a)
	d.restart(first, m.until)
	d.restart(without(m.servers, first...), m.until+d.Between(0, 2*sim.Second))
}

// restart restarts servers in any order.
func (d *generator) restart(servers []string, at sim.Time) {
	gap := d.Between(0, 400*sim.Millisecond)
	servers = slices.Clone(servers)
	for n := sim.Time(0); len(servers) > 0; n++ {
		i := d.Intn(len(servers))
		d.at(at+n*gap, sim.Restart(servers[i]))
		servers = slices.Delete(servers, i, i+1)
	}
}

func (d *generator) atFsync(m moment) { d.event(m, d.later(m, sim.Fsyncs(m.server, 1+d.Intn(60)))) }

// later lets an event count from the fault's moment on. Otherwise it counts from the start of the
// run, and a message of an election is one of the first election.
func (d *generator) later(m moment, event sim.When) sim.When {
	if d.Intn(4) == 0 {
		return event
	}
	return event.Since(m.at)
}

// messages are the kinds of messages between servers that a fault may hold back or wait for.
var messages = []string{"FOLLOWERINFO", "LEADERINFO", "ACKEPOCH", "DIFF", "TRUNC", "SNAP",
	"NEWLEADER", "UPTODATE", "PROPOSAL", "ACK", "COMMIT", "NOTIFICATION"}

func (d *generator) atMessage(m moment) {
	event := one(d, sim.Sends, sim.Receives)
	message := one(d, one(d, messages...), one(d, messages[:8]...), one(d, messages[:8]...))
	d.event(m, d.later(m, event(m.server, message, 1+d.Intn(4))))
}

func (d *generator) atBecomes(m moment) {
	role := one(d, "leading", "leading", "following", "looking")
	d.event(m, d.later(m, sim.Becomes(m.server, role, 1+d.Intn(2))))
}

// catchUps are the messages by which a server catches up, in their order.
var catchUps = []string{"NOTIFICATION", "LEADERINFO", "DIFF", "TRUNC", "SNAP", "SNAPDATA",
	"SNAPDATA", "SNAPDATA", "PROPOSAL", "COMMIT", "NEWLEADER", "UPTODATE"}

// atBoot ends a server, and lets another fault fall while it catches up after its restart.
func (d *generator) atBoot(m moment) {
	d.downAndUp(m, one(d, sim.Crash, sim.PowerLoss)(m.server))
	event := d.catchesUp(m.server)
	m.until += 2 * sim.Second
	d.event(m, event.Following(sim.Boots(m.server).Since(m.at)))
}

// catchesUp is an event of a server that catches up.
func (d *generator) catchesUp(server string) sim.When {
	if d.Intn(4) == 0 {
		return sim.Fsyncs(server, 1+d.Intn(8))
	}
	message, n := one(d, catchUps...), 1
	if message == "SNAPDATA" || message == "PROPOSAL" {
		n += d.Intn(8)
	}
	return sim.Receives(server, message, n)
}

// atTrunc makes a server log what is never committed, so that its log is cut when it comes back,
// and lets a fault fall there. Most often the last voter leads: it has the best vote.
func (d *generator) atTrunc(m moment) {
	if d.Intn(3) > 0 { // early: later another server may lead
		m.at = d.Between(sim.Second, 4*sim.Second)
		m.until = m.at + m.span
	}
	voters := m.servers[:d.s.Servers]
	leader := one(d, m.server, voters[len(voters)-1], voters[len(voters)-1])
	proposed := sim.Sends(leader, "PROPOSAL", 1+d.Intn(8)).Since(m.at)
	victim := leader
	if d.Intn(2) == 0 {
		d.unseen(m, leader, proposed)
	} else {
		victim = d.unheard(m, leader, proposed)
	}
	event := sim.Receives(victim, "TRUNC", 1).Since(m.at)
	if d.Intn(3) == 0 {
		event = sim.Fsyncs(victim, 1+d.Intn(5)).Following(event)
	}
	m.server, m.until = victim, m.until+4*sim.Second
	d.event(m, event)
}

// unseen cuts a leader off right after a proposal, which nobody else gets. The others elect another
// leader, and no client reaches that one until the old leader is back: else it would get a SNAP.
func (d *generator) unseen(m moment, leader string, proposed sim.When) {
	others := without(m.everybody(), leader)
	d.on(proposed, sim.Split([]string{leader}, others))
	d.on(proposed, sim.Split(m.clients, m.servers))
	back := m.at + sim.Time(10+d.Intn(20))*d.s.Tick
	d.at(back, sim.Heal())
	d.at(back, sim.Split(m.clients, m.servers))
	d.at(back+m.span, sim.Heal())
}

// unheard holds the ACKs of a proposal, and resets the connection of one server when it has logged
// the proposal. It comes back to the same leader, which has not committed it. In half of the cases
// the ACKs arrive when its log is cut: then its own ACK must not count any more.
func (d *generator) unheard(m moment, leader string, proposed sim.When) (victim string) {
	followers := without(m.servers[:d.s.Servers], leader)
	victim = one(d, followers...)
	for _, other := range without(followers, victim) {
		d.on(proposed, sim.Hold(other, leader, "ACK"))
	}
	d.on(sim.Sends(victim, "ACK", 1).Following(proposed), sim.Reset(leader, victim))
	if m.span%2 == 0 { // no choice of its own, so that the next ones stay
		d.on(sim.Receives(victim, "TRUNC", 1).Following(proposed), sim.Release())
	}
	d.at(m.at+sim.Time(4+d.Intn(8))*d.s.Tick, sim.Release())
	return victim
}

// atCatchUp keeps a server away, and lets a fault fall on it, or on its leader, when it catches up.
func (d *generator) atCatchUp(m moment) {
	m.until += m.span
	if d.Intn(2) == 0 {
		d.downAndUp(m, sim.Crash(m.server))
	} else {
		d.untilHeal(m, sim.Split(apart(m.server, m.everybody())...))
	}
	event := d.catchesUp(m.server).Since(m.until)
	if d.Intn(3) == 0 { // perhaps it leads
		event = sim.Sends(m.other, one(d, catchUps[1:]...), 1+d.Intn(3)).Since(m.until)
		m.server = m.other
	}
	m.until += 2 * sim.Second
	d.event(m, event)
}

// event adds a fault that hits a server at one of the server's own events.
func (d *generator) event(m moment, event sim.When) {
	a := m.server
	switch one(d, sim.FaultCrash, sim.FaultPower, sim.FaultPause, sim.FaultSplit, sim.FaultSplit) {
	case sim.FaultPause:
		d.on(event, sim.Pause(a, d.Between(10*sim.Millisecond, 3*sim.Second)))
		return
	case sim.FaultSplit:
		d.on(event, sim.Split(apart(a, m.everybody())...))
		d.at(m.until, sim.Heal())
		return
	case sim.FaultCrash:
		d.on(event, sim.Crash(a))
	case sim.FaultPower:
		d.on(event, sim.PowerLoss(a))
	}
	if d.Intn(3) == 0 {
		d.on(sim.Crashes(a), sim.Restart(a))
		return
	}
	d.at(m.until, sim.Restart(a))
	d.at(m.until+4*sim.Second, sim.Restart(a))
}

func (d *generator) pause(m moment) {
	d.at(m.at, sim.Pause(m.server, m.span))
	if d.Intn(2) == 0 { // and another with it: perhaps a leader and a follower
		d.at(m.at, sim.Pause(m.other, m.span))
	}
}

// nap pauses a client, half of the time for longer than its session lasts.
func (d *generator) nap(m moment) {
	d.at(m.at, sim.Pause(m.client, m.span+sim.Time(d.Intn(2))*d.s.SessionTimeout))
}

// storm leaves every new leader alone with one client.
func (d *generator) storm(m moment) {
	for _, name := range m.servers[:d.s.Servers] {
		alone := []string{name, m.client}
		d.on(sim.Becomes(name, "leading", 1), sim.Split(alone, without(m.everybody(), alone...)))
	}
	for range 4 {
		d.at(d.Between(m.at, d.s.Length), sim.Heal())
	}
}

// deposed pauses a leader and cuts it off from the other servers only, until another one leads.
func (d *generator) deposed(m moment) {
	when := one(d,
		func(name string) sim.When { return sim.Becomes(name, "leading", 1) },
		func(name string) sim.When { return sim.Sends(name, "COMMIT", 20) },
		func(name string) sim.When { return sim.Sends(name, "COMMIT", 40) },
		func(name string) sim.When { return sim.Sends(name, "UPTODATE", 4) })
	for _, name := range m.servers[:d.s.Servers] {
		d.on(when(name), sim.Split(apart(name, m.servers)...))
		d.on(when(name), sim.Pause(name, 500*sim.Millisecond+m.span/2))
	}
	for range 3 {
		d.at(d.Between(m.at, d.s.Length), sim.Heal())
	}
}

// ring cuts each server off from all servers but its two neighbours.
func (d *generator) ring(m moment) {
	n := len(m.servers)
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 && n > 3 { // neighbours too; of three servers, a line is left
				continue
			}
			d.at(m.at, sim.Cut(m.servers[i], m.servers[j]))
			d.at(m.at, sim.Cut(m.servers[j], m.servers[i]))
		}
	}
	d.at(m.until, sim.Heal())
}

// swizzle cuts links one by one and mends them in another order.
func (d *generator) swizzle(m moment) {
	var links [][2]string
	for range 3 + d.Intn(4) {
		if a, b := one(d, m.servers...), one(d, m.servers...); a != b {
			links = append(links, [2]string{a, b})
		}
	}
	step := (m.until - m.at) / 8
	for i, l := range links {
		d.at(m.at+sim.Time(i)*step, sim.Cut(l[0], l[1]))
	}
	for n := range links {
		i := d.Intn(len(links))
		d.at(m.until+sim.Time(n)*step, sim.Mend(links[i][0], links[i][1]))
		links = slices.Delete(links, i, i+1)
	}
}

func (d *generator) cut(m moment) {
	to := m.other
	if to == m.server {
		to = m.client
	}
	d.untilHeal(m, sim.Cut(m.server, to))
}

func (d *generator) hold(m moment) {
	if m.server != m.other {
		d.at(m.at, sim.Hold(m.server, m.other, one(d, messages...)))
		d.at(m.until, sim.Release())
	}
}

// halves splits machines in two.
func (d *generator) halves(all []string) [][]string {
	var left []string
	for _, n := range all {
		if d.Intn(2) == 0 {
			left = append(left, n)
		}
	}
	if len(left) == 0 || len(left) == len(all) {
		return apart(one(d, all...), all)
	}
	return [][]string{left, without(all, left...)}
}

// apart splits one machine from all others.
func apart(alone string, all []string) [][]string {
	return [][]string{{alone}, without(all, alone)}
}

// without returns a list of names without some of them.
func without(all []string, those ...string) []string {
	return slices.DeleteFunc(slices.Clone(all),
		func(n string) bool { return slices.Contains(those, n) })
}
