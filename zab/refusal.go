package zab

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
)

// What a peer does about an event that it does not act on:
//
//	refuse             normal operation: late, stale or doubled. Counted by reason
//	report             possible, and rare enough to be read: the probe learns of it
//	inconsistent       a history does not fit (rules I3, I4, L9). An audit convicts the sender
//	                   through the probe; without one the peer protects itself and goes on
//	leaveInconsistent  the same from our leader: we report it and leave (rule R3)
//	assert             connections keep order and no fault forges messages, so it cannot happen:
//	                   the run ends (rules I2, I5, I6)
//	broken             assert on a hot path, where the arguments of a message cost more than
//	                   the test
//
// A handler refuses or asserts by role and stage before it changes anything.
//
// leaveInconsistent, becomeLooking, and calls of the App, which may propose, can end the role. So a
// handler keeps the role in l, and after such a call goes on only if p.lead or p.learn is still l.

// Refusal is the reason why a peer did nothing about an event: for example, because a message was
// late, or came twice. Such events can happen under the simulated faults, and most of them are part
// of normal operation. So the peer counts its refusals by reason, and does not report each of them.
type Refusal uint8

// The reasons why a peer refuses an event.
const (
	AckNotEstablished Refusal = iota
	AckCommitted
	AckNoVote
	AckAgain
	RequestNotEstablished
	SyncNotEstablished
	NotLeading
	StaleConnection
	StaleWrite
	StaleFsync
	VoteWithoutHistory
	refusals
)

// refusalNames describe the events that a peer refuses.
var refusalNames = [refusals]string{
	AckNotEstablished:     "ACK of a proposal, received before the epoch was established",
	AckCommitted:          "ACK of a transaction that is already committed",
	AckNoVote:             "ACK from a server that must not vote in this epoch",
	AckAgain:              "second ACK of NEWLEADER",
	RequestNotEstablished: "REQUEST or REVALIDATE received before the epoch was established",
	SyncNotEstablished:    "SYNC received before the epoch was established",
	NotLeading:            "connection of a learner that arrives while this server does not lead",
	StaleConnection:       "event of a connection that this server has already given up",
	StaleWrite:            "completed disk write that this server started in an earlier role",
	StaleFsync:            "completed fsync that no write waits for",
	VoteWithoutHistory: "vote that arrives while this server must not count votes, because it " +
		"has lost its history",
}

// String describes the events that are refused for this reason.
func (r Refusal) String() string { return refusalNames[r] }

// Refused says how often a peer has refused an event for one reason, and describes the last such
// event.
type Refused struct {
	Count int
	From  ID   // sender of the last event; our own ID for our disk, 0 for one of our clients
	Zxid  Zxid // zxid of the last event, or NoZxid
}

// Refusals counts the refused events: it has one entry ([Refused]) for each reason ([Refusal]).
type Refusals [refusals]Refused

// String returns a line for each reason for which the peer has refused an event.
func (n Refusals) String() string {
	var b strings.Builder
	for r, last := range n {
		if last.Count == 0 {
			continue
		}
		from := "a client"
		if last.From != 0 {
			from = fmt.Sprintf("S%d", last.From)
		}
		if last.Count == 1 {
			fmt.Fprintf(&b, "%v: refused once, from %s", Refusal(r), from)
		} else {
			fmt.Fprintf(&b, "%v: refused %d times, the last time from %s", Refusal(r), last.Count,
				from)
		}
		if last.Zxid != NoZxid {
			fmt.Fprintf(&b, " with zxid %v", last.Zxid)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Refusals returns this peer's refusals since its start.
func (p *Peer) Refusals() Refusals { return p.refusals }

// refuse counts a refusal.
func (p *Peer) refuse(r Refusal, from ID, z Zxid) {
	p.refusals[r] = Refused{p.refusals[r].Count + 1, from, z}
}

// report tells the probe of a refusal that is rare enough to be read, or of a change of role.
func (p *Peer) report(format string, args ...any) { p.probe.Refused(format, args) }

// inconsistent reports to the probe a message or a state that no sound peer sends or has.
func (p *Peer) inconsistent(name, format string, args ...any) {
	p.report(format+" ("+name+")", args...)
	p.probe.Inconsistent(p, name, fmt.Sprintf(format, args...))
}

// leaveInconsistent ends the role of a learner whose leader sent a message that no sound leader
// sends at this point. The message is not late, because connections keep order.
func (p *Peer) leaveInconsistent(why, name, format string, args ...any) {
	p.inconsistent(name, format, args...)
	p.becomeLooking(why)
}

// assert ends the run if ok is false: then something has happened that the fault model forbids.
// name is the invariant's name in the specifications (package safety lists them).
func (p *Peer) assert(ok bool, name, format string, args ...any) {
	if !ok {
		p.broken(name, format, args...)
	}
}

// broken ends the run: it panics.
func (p *Peer) broken(name, format string, args ...any) {
	text := fmt.Sprintf("S%d: "+format, append([]any{p.config.ID}, args...)...)
	panic(&sim.AssertionError{Text: text + " (" + name + ")"})
}
