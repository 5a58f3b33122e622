package zab_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

var duels = flag.Uint64("duels", 150, "worlds of short reigns to play")

// TestSurvivesDuels plays histories with few transactions and many epochs. For every epoch it picks
// which servers take part, and what each of these servers keeps.
func TestSurvivesDuels(t *testing.T) {
	n := *duels
	if testing.Short() {
		n = min(n, 40)
	}
	for seed := *from; seed < *from+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runDuels(t, seed, *voters) })
	}
}

// duel is a world in which every leader leads for a moment.
type duel struct {
	w      *sim.World
	r      *sim.Rand
	voters int
	words  int
}

func runDuels(t *testing.T, seed uint64, voters int) {
	w := sim.NewWorld(sim.Config{Seed: seed, Lenient: true})
	w.Keep()
	r := w.Rand("duels")
	window := 1 + r.Intn(4)
	addServers(w, voters, 0, func(c *zab.Config) {
		c.SnapCount, c.CommittedLog, c.SnapChunk = 4+r.Intn(20), window, 8
		c.TickTime = 50 * sim.Millisecond
		c.MaxNotify = sim.Second
	})
	for _, m := range w.Machines() {
		zab.Format(nil, m.Disk().Preload)
	}
	d := &duel{w: w, r: r, voters: voters}
	for i := 0; i < 25 && w.Err() == nil; i++ {
		d.reign()
	}
	for i := 1; i <= voters; i++ {
		d.apply("fsync S%d 0s", i)
	}
	if w.Err() != nil {
		t.Fatalf("seed %d: %v", seed, w.Err())
	}
	agree(t, w, seed, 5*sim.Second)
}

func (d *duel) apply(format string, args ...any) {
	f, err := sim.ParseFault(fmt.Sprintf(format, args...))
	switch {
	case err != nil:
		d.w.Fail(err)
	case f.When.Trigger != 0:
		d.w.Fail(d.w.Schedule(sim.Plan{f}))
	default:
		_ = d.w.Inject(f)
	}
}

func (d *duel) server() string { return fmt.Sprint("S", 1+d.r.Intn(d.voters)) }

func (d *duel) pick(words ...string) string { return words[d.r.Intn(len(words))] }

func (d *duel) run(most sim.Time) { d.w.Run(d.w.Now()+d.r.Between(0, most), nil) }

// reign lets a majority or more elect a leader, lets that leader propose with random faults of
// network and disks, and ends its reign.
func (d *duel) reign() {
	if d.r.Chance(3, 4) {
		d.apply("heal")
		d.apply("release")
	}
	var out zab.Set
	for i := d.voters / 2; i > 0; i-- {
		out = out.With(zab.ID(1 + d.r.Intn(d.voters)))
	}
	for i := 1; i <= d.voters; i++ {
		if !out.Has(zab.ID(i)) || d.r.Chance(1, 3) {
			d.apply("restart S%d", i)
			if d.r.Chance(1, 4) {
				d.run(250 * sim.Millisecond)
			}
		}
	}
	if d.r.Chance(1, 2) {
		d.ambush()
	}
	if d.r.Chance(1, 4) {
		d.run(250 * sim.Millisecond)
		d.obstruct()
	}
	d.w.Run(d.w.Now()+sim.Second, func() bool { return d.leader() != nil })
	for i := d.r.Intn(3); i > 0; i-- {
		d.obstruct()
	}
	for i := d.r.Intn(4); i > 0; i-- {
		if m := d.leader(); m != nil {
			d.words++
			d.w.Tell(m, &word{fmt.Sprint(d.words)})
		}
		d.run(6 * sim.Millisecond)
	}
	if d.r.Chance(1, 4) {
		d.obstruct()
		d.run(100 * sim.Millisecond)
	}
	d.run(15 * sim.Millisecond)
	for i := 1; i <= d.voters; i++ {
		if d.r.Chance(2, 3) {
			if d.r.Chance(1, 3) {
				d.apply("tear S%d", i) // has an effect only with a loss of power
			}
			d.apply("%s S%d", d.pick("crash", "power"), i)
		}
	}
	d.run(400 * sim.Millisecond)
}

// ambush waits for a durable step of a server, or for a message, and then ends the server or breaks
// its connection.
func (d *duel) ambush() {
	who := d.server()
	event := fmt.Sprintf("%s fsync %d", who, 1+d.r.Intn(9))
	if d.r.Chance(1, 2) {
		way, packet := d.pick("sends", "receives"), d.pick(packets...)
		event = fmt.Sprintf("%s %s %s %d", who, way, packet, 1+d.r.Intn(2))
	}
	other := d.server()
	if other == who {
		d.apply("at %s %s %s", event, d.pick("crash", "power"), who)
		return
	}
	d.apply("at %s %s", event, d.pick("crash "+other, "power "+other, "reset "+who+" "+other))
}

var packets = []string{
	"FOLLOWERINFO", "LEADERINFO", "ACKEPOCH", "DIFF", "TRUNC", "SNAP", "SNAPDATA", "NEWLEADER",
	"ACK", "UPTODATE", "PROPOSAL", "COMMIT",
}

// obstruct stops some messages to one server.
func (d *duel) obstruct() {
	from, to := d.server(), d.server()
	if from == to {
		d.apply("fsync %s %s", from, d.pick("0s", "10ms", "60ms"))
		return
	}
	switch d.r.Intn(8) {
	case 4:
		d.apply("pause %s %s", from, d.pick("20ms", "100ms", "500ms"))
	case 0:
		d.apply("cut %s > %s", from, to)
	case 1:
		d.apply("cut %s > %s", from, to)
		d.apply("cut %s > %s", to, from)
	case 2:
		d.apply("reset %s %s", from, to)
	case 3:
		d.apply("hold %s > %s %s", from, to, d.pick(packets...))
	default:
		d.apply("hold %s > %s %s", from, to, d.pick("PROPOSAL", "ACK", "COMMIT"))
	}
}

func (d *duel) leader() *sim.Machine {
	for _, m := range d.w.Machines() {
		if n := peerOf(m); n != nil && n.State() == zab.Leading && n.Serving() {
			return m
		}
	}
	return nil
}
