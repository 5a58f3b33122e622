package explore

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// eventKind is what happens to one server.
type eventKind uint8

const (
	evBoot      eventKind = iota + 1
	evCrash               // and a restart reads what the process has written
	evPower               // and a restart reads what was fsynced
	evWipe                // and a restart finds an empty disk
	evFsync               // the oldest fsync of its disk ends
	evTimer               // arg: the timer
	evDecide              // msg: the number of the final vote
	evWrite               // arg: which
	evAccepted            // conn, arg: the other end; as all that follow
	evConnected           //
	evRefused             //
	evReceived            // msg: the number of the message
	evClosed              //
)

// event is something that happens to one server.
type event struct {
	kind eventKind
	arg  uint8
	conn connID
	msg  uint32
	free uint32 // for connections that it opens: 3 bits for each other end and port, see scene.free
}

// key returns an event of a local state as two numbers.
func (e *event) key(local uint32) (a, b uint64) {
	return uint64(local)<<32 | uint64(e.msg),
		uint64(e.kind)<<56 | uint64(e.arg)<<48 | uint64(e.conn)<<32 | uint64(e.free)
}

// freeShift is where an event has the number for a connection to a port of a server.
func freeShift(to int, port sim.Port) int { return 3 * (2*(to-1) + int(port) - 1) }

// effect is what a server does to the network.
type effect struct {
	kind sim.EffectKind
	conn connID
	msg  uint32
}

// summary is what the choices in a world depend on, of one server.
type summary struct {
	up, syncing                   bool
	elects, leads, ready, serving bool
	timers                        zab.Timers
	follows                       zab.ID
	learners                      zab.Set
	own, vote                     uint32 // numbers of votes; own is 0 for a server without one
	epoch                         uint32
	round                         uint64
}

// server is one server: a disk, and a process while it is up.
type server struct {
	id      int
	setup   *Setup
	words   *words
	up      bool
	disk    sim.Disk
	syncs   []underWay
	peer    *zab.Peer
	app     app
	io      zab.IO
	rec     recorder
	out     []sim.Effect
	effects []effect
	free    uint32
	opened  uint32 // connections that this step has opened: as free
	died    bool
	exit    string // why the process has ended itself
}

// underWay is an fsync under way.
type underWay struct {
	asked sim.FsyncRequest
	token uint64
}

func newServer(s *Setup, w *words, id int) *server {
	v := &server{id: id, setup: s, words: w}
	v.rec.id = zab.ID(id)
	v.io.NameConns(v.nameConn)
	if s.Disks == "" {
		zab.Format(nil, v.disk.Preload)
		return v
	}
	history := strings.Split(s.Disks, ",")[id-1]
	if history == lostDisk {
		return v
	}
	prepare(&v.disk, history)
	return v
}

// prepare puts the files of a server on a disk that has taken part in an epoch (see Setup.Disks).
func prepare(d *sim.Disk, history string) {
	records := strings.TrimRight(history, digits)
	current, accepted := "1", "1"
	if epochs := history[len(records):]; epochs != "" {
		current, accepted = epochs[:1], epochs[len(epochs)-1:]
	}
	zab.Format(nil, func(name string, data []byte) {
		switch name {
		case "currentEpoch":
			data = []byte(current)
		case "acceptedEpoch":
			data = []byte(accepted)
		}
		d.Preload(name, data)
	})
	var log []byte
	var last zab.Zxid
	for i := range records {
		if epoch := 1 + uint32(b2i(records[i] < 'a')); epoch != last.Epoch() {
			last = zab.MakeZxid(epoch, 0)
		}
		last++
		log = zab.AppendRecord(log, zab.Entry{Zxid: last, Data: []byte{records[i]}})
	}
	if len(log) > 0 {
		first := zab.MakeZxid(1+uint32(b2i(records[0] < 'a')), 1)
		d.Preload(fmt.Sprintf("log.%016x.%016x", uint64(first), 0), log)
	}
}

// nameConn chooses the name of a connection that the peer opens.
func (v *server) nameConn(to zab.ID, port sim.Port) sim.ConnID {
	if v.setup.Oracle && port == zab.PortElection {
		return oracleConn
	}
	at := freeShift(int(to), port)
	k := v.free>>at&7 + v.opened>>at&7
	v.opened += 1 << at
	return sim.ConnID(newConn(v.id, int(to), port, k))
}

// run hands an event to the server. A failed assertion is in broken; then the server must not be
// used any more. The result's effects are valid until the next run.
func (v *server) run(e event) (broken string) {
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(*sim.AssertionError)
			if !ok {
				panic(r)
			}
			broken = failed.Text
		}
	}()
	v.effects, v.free, v.opened, v.died, v.exit = v.effects[:0], e.free, 0, false, ""
	v.rec.reset()
	switch e.kind {
	case evBoot:
		v.boot()
	case evCrash, evPower:
		v.die(e.kind == evPower)
	case evWipe:
		v.die(false)
		v.disk.Wipe()
	case evFsync:
		v.fsync()
	case evTimer:
		v.begin()
		v.peer.Fire(zab.Timer(e.arg))
		v.end()
	case evDecide:
		v.begin()
		v.peer.Decide(v.words.votes[e.msg])
		v.end()
	case evWrite:
		v.begin()
		v.peer.Propose([]byte{written[e.arg]})
		v.end()
	default:
		v.receive(e)
	}
	return ""
}

func (v *server) receive(e event) {
	kinds := map[eventKind]sim.EventKind{evAccepted: sim.Accepted, evConnected: sim.Connected,
		evRefused: sim.Refused, evReceived: sim.Received, evClosed: sim.Closed}
	v.handle(sim.Event{Kind: kinds[e.kind], Conn: sim.ConnID(e.conn), From: zab.ID(e.arg),
		Port: e.conn.port(), Msg: v.words.messages[e.msg]})
}

func (v *server) begin() { v.io.Begin(0, sim.Event{}, v.out[:0]) }

func (v *server) handle(e sim.Event) {
	v.out = v.peer.Step(0, e, v.out[:0])
	v.carryOut()
}

// end ends what begin has begun.
func (v *server) end() {
	v.out, v.io.Out = v.io.Out, nil
	v.carryOut()
}

// carryOut carries out what the peer asks of its disk, and keeps what it asks of the network.
func (v *server) carryOut() {
	for i := range v.out {
		e := &v.out[i]
		switch e.Kind {
		case sim.Dial, sim.Send, sim.Close:
			if e.Conn == oracleConn {
				continue
			}
			f := effect{kind: e.Kind, conn: connID(e.Conn)}
			if e.Kind == sim.Send {
				f.msg = v.words.message(e.Msg)
			}
			v.effects = append(v.effects, f)
		case sim.Append:
			v.disk.Append(e.File, e.Data)
		case sim.Truncate:
			v.disk.Truncate(e.File, e.N)
		case sim.Rename:
			v.disk.Rename(e.File, e.Name)
		case sim.Remove:
			v.disk.Remove(e.File)
		case sim.Fsync:
			if asked, ok := v.disk.Fsync(e.File); ok {
				v.syncs = append(v.syncs, underWay{asked, e.Token})
			}
		case sim.Exit:
			v.exit = e.Name
			v.die(false)
			return
		}
	}
}

// boot starts the process, and lets its start-up writes reach the disk.
func (v *server) boot() {
	stored, err := zab.Recover(&v.disk)
	c := v.setup.config(zab.ID(v.id))
	c.Probe = &v.rec
	v.app = app{rec: &v.rec, boots: true}
	v.peer = zab.New(c, stored, err, &v.app, &v.io)
	v.app.peer, v.rec.app = v.peer, &v.app
	v.up = true
	v.rec.booting()
	v.rec.disk(&v.disk)
	v.handle(sim.Event{Kind: sim.Boot})
	v.app.boots = false
	for v.up && len(v.syncs) > 0 {
		v.fsyncOnce()
	}
}

// fsync ends the oldest fsync, or all those of one job.
func (v *server) fsync() {
	for {
		awaited := v.fsyncOnce()
		if !v.setup.Atomic || !v.up || len(v.syncs) == 0 || awaited && !v.peer.Writes() {
			return
		}
	}
}

// fsyncOnce ends the oldest fsync, and reports whether the peer waited for it.
func (v *server) fsyncOnce() (awaited bool) {
	s := v.syncs[0]
	v.syncs = append(v.syncs[:0], v.syncs[1:]...)
	if v.disk.Complete(&s.asked) {
		_, log, ok := zab.FileZxid(s.asked.File)
		if s.asked.File == "" || ok && log {
			v.rec.disk(&v.disk)
		}
	}
	awaited = v.peer.Awaits(s.token)
	v.handle(sim.Event{Kind: sim.Fsynced, Token: s.token})
	return awaited
}

// die ends the process. The fsyncs under way end with it: what they would have made durable is lost
// with the next loss of power.
func (v *server) die(power bool) {
	v.died, v.up, v.peer, v.syncs = true, false, nil, nil
	if power {
		v.disk.LoseUnsynced()
	}
}

// appendState appends all that the server's behaviour depends on.
func (v *server) appendState(dst []byte) []byte {
	dst = append(dst, byte(v.id))
	var asked [16]sim.FsyncRequest
	list := asked[:0]
	for i := range v.syncs {
		list = append(list, v.syncs[i].asked)
	}
	dst = v.disk.AppendState(dst, list)
	if !v.up {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	for i := range v.syncs {
		dst = append(dst, b2i(v.peer.Awaits(v.syncs[i].token)))
	}
	dst = binary.AppendUvarint(dst, uint64(len(v.app.items)))
	dst = append(dst, v.app.items...)
	return v.peer.AppendState(dst, v.setup.without())
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// summary returns what the choices in a world depend on.
func (v *server) summary() summary {
	s := summary{up: v.up, syncing: len(v.syncs) > 0}
	if !v.up {
		return s
	}
	p := v.peer
	s.elects, s.leads, s.serving = p.Elects(), p.State() == zab.Leading, p.Serving()
	_, s.ready = p.NextZxid()
	s.timers = p.Timers()
	if !s.leads {
		s.follows = p.Leader()
	}
	for id := zab.ID(1); id <= MaxServers; id++ {
		if p.HasLearner(id) {
			s.learners = s.learners.With(id)
		}
	}
	s.own, s.vote = v.words.vote(p.OwnVote()), v.words.vote(p.Vote())
	s.epoch, s.round = p.AcceptedEpoch(), p.Round()
	return s
}
