package zab

import (
	"fmt"
	"strings"
)

// Refusal is the reason why a peer did nothing about an event that the fault model allows: it was
// late, stale or doubled. Most refusals are part of normal operation, so they are counted, not
// reported one by one.
type Refusal uint8

// The reasons.
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

var refusalNames = [refusals]string{
	AckNotEstablished:     "ACK of a proposal before the epoch is established",
	AckCommitted:          "ACK of a transaction that is committed already",
	AckNoVote:             "ACK of a server that has no vote in this epoch",
	AckAgain:              "ACK of NEWLEADER for the second time",
	RequestNotEstablished: "REQUEST or REVALIDATE before the epoch is established",
	SyncNotEstablished:    "SYNC before the epoch is established",
	NotLeading:            "connection to a server that does not lead",
	StaleConnection:       "event of a connection that was given up",
	StaleWrite:            "completed write of an earlier role",
	StaleFsync:            "fsync that no write waits for",
	VoteWithoutHistory:    "vote that came to a server without a history",
}

// String says what was refused, and when.
func (r Refusal) String() string { return refusalNames[r] }

// Refusals counts what a peer refused in silence, by reason.
type Refusals [refusals]int

// String lists the reasons that occurred.
func (n Refusals) String() string {
	var b strings.Builder
	for r, count := range n {
		if count > 0 {
			fmt.Fprintf(&b, "%d × %v\n", count, Refusal(r))
		}
	}
	return b.String()
}

// Refusals is what this peer has refused in silence since it started.
func (p *Peer) Refusals() Refusals { return p.refusals }

// refuse counts a refusal.
func (p *Peer) refuse(r Refusal) { p.refusals[r]++ }

// report tells the probe of a refusal that is rare enough to be read, or of a change of role.
func (p *Peer) report(format string, args ...any) { p.probe.Refused(format, args) }

// inconsistent reports a message that no sound leader sends at this point, on a connection that
// keeps order (rules I3 and I4). The caller treats it as a fault and breaks the connection.
func (p *Peer) inconsistent(name, format string, args ...any) {
	p.report(format+" ("+name+")", args...)
	p.probe.Inconsistent(p, name, fmt.Sprintf(format, args...))
}
