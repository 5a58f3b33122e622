package guest

import (
	"encoding/binary"
	"fmt"

	"github.com/tetratelabs/wazero/api"
	"github.com/zablab/zablab/sim"
)

// The functions of WASI preview 1 that an instance gets from its machine. Their stacks are the
// parameters in order, and the numbers are those of the specification's wasi_snapshot_preview1.

// Errors of WASI.
const (
	errnoOK    = 0
	errnoAgain = 6
	errnoBadf  = 8
	errnoFault = 21
)

// base is what the clocks of a guest show at time 0, in ns since 1970: a moment in 2023.
const base = 1_700_000_000_000_000_000

// mostLooks is how often a program may look at its clock in one step.
const mostLooks = 5_000_000

// lookAtClock is clock_time_get(id, precision, *time): clock 0 is the wall clock, the others are
// monotonic. A fault that waits for the look falls here.
func (p *process) lookAtClock(m api.Memory, s []uint64) uint32 {
	id, at := uint32(s[0]), uint32(s[2])
	if p.looks++; p.looks > mostLooks {
		p.group.world.Fail(fmt.Errorf("guest: %s reads its clock %d times in one step, t=%s: a "+
			"goroutine loops without waiting, so virtual time does not pass",
			p.machine.Name, p.looks, p.now.Seconds()))
		p.midway = true
		p.suspend()
	}
	if p.group.world.Look(p.machine) {
		p.midway = true
		p.suspend()
	}
	t := p.now
	if id == 0 {
		t = p.wall
	}
	if !m.WriteUint64Le(at, base+uint64(t)*1000) {
		return errnoFault
	}
	return errnoOK
}

// poll is poll_oneoff(*subscriptions, *events, n, *count). Go's scheduler calls it when every
// goroutine waits, and without a wait between two rounds.
func (p *process) poll(m api.Memory, s []uint64) uint32 {
	const subscription = 48
	n := uint32(s[2])
	subs, ok := m.Read(uint32(s[0]), n*subscription)
	if !ok {
		return errnoFault
	}
	subs = append([]byte(nil), subs...)
	p.deadline, p.listens = sim.Never, false
	for b := subs; len(b) > 0; b = b[subscription:] {
		switch b[8] {
		case eventClock:
			p.deadline = min(p.deadline, p.after(binary.LittleEndian.Uint64(b[24:])))
		case eventRead:
			p.listens = p.listens || binary.LittleEndian.Uint32(b[16:]) == 0
		}
	}
	for !p.ready() {
		p.suspend()
	}
	var events []byte
	for b := subs; len(b) > 0; b = b[subscription:] {
		if b[8] == eventClock && p.now >= p.deadline || b[8] == eventRead && len(p.inbox) > 0 {
			var e [32]byte // userdata, errno, type, bytes to read
			copy(e[:8], b[:8])
			e[10] = b[8]
			binary.LittleEndian.PutUint64(e[16:], uint64(len(p.inbox)))
			events = append(events, e[:]...)
		}
	}
	p.deadline, p.listens = sim.Never, false
	if !m.Write(uint32(s[1]), events) || !m.WriteUint32Le(uint32(s[3]), uint32(len(events)/32)) {
		return errnoFault
	}
	return errnoOK
}

// The types of subscriptions and events.
const (
	eventClock = 0
	eventRead  = 1
)

// after is the local time after a timeout in ns: rounded up, so that no timer is early.
func (p *process) after(ns uint64) sim.Time {
	if ns > uint64(sim.Never-p.now)*1000 {
		return sim.Never
	}
	return p.now + sim.Time((ns+999)/1000)
}

// ready reports whether the instance has a reason to go on.
func (p *process) ready() bool {
	return p.midway || p.listens && len(p.inbox) > 0 || p.deadline != sim.Never &&
		p.now >= p.deadline
}

// random is random_get(*buffer, n).
func (p *process) random(m api.Memory, s []uint64) uint32 {
	b, ok := m.Read(uint32(s[0]), uint32(s[1]))
	if !ok {
		return errnoFault
	}
	for len(b) > 0 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], p.chance.Uint64())
		b = b[copy(b, word[:]):]
	}
	return errnoOK
}

// yieldThread is sched_yield(): there is no other thread.
func (p *process) yieldThread(api.Memory, []uint64) uint32 { return errnoOK }

// readInbox is fd_read(fd, *iovs, n, *count): file 0 is the inbox, and there is no other.
func (p *process) readInbox(m api.Memory, s []uint64) uint32 {
	if uint32(s[0]) != 0 {
		return errnoBadf
	}
	if len(p.inbox) == 0 {
		return errnoAgain
	}
	count := uint32(0)
	for i := range uint32(s[2]) {
		iov := uint32(s[1]) + 8*i
		at, ok1 := m.ReadUint32Le(iov)
		size, ok2 := m.ReadUint32Le(iov + 4)
		n := min(size, uint32(len(p.inbox)))
		if !ok1 || !ok2 || !m.Write(at, p.inbox[:n]) {
			return errnoFault
		}
		count += n
		p.inbox = p.inbox[n:]
	}
	if len(p.inbox) == 0 {
		p.inbox = nil
	}
	if !m.WriteUint32Le(uint32(s[3]), count) {
		return errnoFault
	}
	return errnoOK
}

// describeInbox is fd_fdstat_get(fd, *stat): file 0 is a pipe that does not block, so that Go waits
// for it in poll_oneoff.
func (p *process) describeInbox(m api.Memory, s []uint64) uint32 {
	const character, nonblock = 2, 4
	var stat [24]byte
	stat[0] = character
	if uint32(s[0]) == 0 {
		stat[2] = nonblock
	}
	binary.LittleEndian.PutUint64(stat[8:], ^uint64(0)) // all rights
	if !m.Write(uint32(s[1]), stat[:]) {
		return errnoFault
	}
	return errnoOK
}
