package schedules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Summary says in a sentence what the batch found.
func Summary(b *Batch) string {
	var parts []string
	for k, e := range b.Engines {
		parts = append(parts, e.Says+" "+b.found(k))
	}
	noun := "schedules of faults"
	if b.Done == 1 {
		noun = "schedule of faults"
	}
	return fmt.Sprintf("Under %d random %s, %s.", b.Done, noun, strings.Join(parts, "; "))
}

// found says what was found on one engine.
func (b *Batch) found(engine int) string {
	if b.Done == 0 {
		return "was not played"
	}
	ended := b.Ended(engine)
	var parts []string
	if n := ended[Unsafe]; n > 0 {
		parts = append(parts, "broke a safety check in "+someSchedules(n))
	}
	if n := ended[NoRecovery]; n > 0 {
		parts = append(parts, "did not recover in "+someSchedules(n))
	}
	if n := ended[Late]; n > 0 {
		parts = append(parts, "exceeded a time limit in "+someSchedules(n)+
			" while no fault acted")
	}
	for _, m := range Measures()[:2] { // lost, doubled
		if d := b.Of(&m, engine); d.Sum > 0 {
			parts = append(parts, fmt.Sprintf("had %d %s in %s", d.Sum, m.Says,
				someSchedules(d.Some)))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "broke no check")
	}
	if n := ended[Undecided]; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d undecided", n))
	}
	return strings.Join(parts, ", ")
}

// someSchedules returns a number of schedules in words.
func someSchedules(n int) string {
	if n == 1 {
		return "1 schedule"
	}
	return fmt.Sprintf("%d schedules", n)
}

// Checked says which checks the runs of an engine had, and what was not checked. Each string is one
// line of a report.
func (b *Batch) Checked(engine int) []string {
	e, counts := b.Engines[engine], b.Checks[engine]
	full, part := []string{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] == b.Done {
			full = append(full, name)
		} else {
			part = append(part, fmt.Sprintf("%s in %d runs", name, counts[name]))
		}
	}
	var lines []string
	if e.Suspect == nil {
		lines = append(lines, "checked after every event: the properties of zab/safety and "+
			"scenarios/audit; checked at the end: that the ensemble kept the time limits while "+
			"no fault acted (scenarios/calm), that it recovers (LiveAfterHealing), and that the "+
			"tree survives a loss of power of all servers (DurableAtRest)")
	}
	if len(full) > 0 {
		lines = append(lines, fmt.Sprintf("checked in all %d runs: %s", b.Done,
			strings.Join(full, ", ")))
	}
	if len(part) > 0 {
		lines = append(lines, "checked only in some runs: "+strings.Join(part, ", "))
	}
	final := 0
	for i := range b.Runs[engine] {
		if b.Runs[engine][i].Complete {
			final++
		}
	}
	lines = append(lines, fmt.Sprintf("lost and doubled writes: checked against later writes in all "+
		"runs, and against the final state in %d runs", final))
	if e.Suspect == nil {
		return append(lines, "not checked: that reads are linearizable, which ZooKeeper does "+
			"not promise")
	}
	return append(lines, "not checked: that the servers keep time limits while no fault acts, "+
		"and that the state survives a loss of power of all servers when the servers are idle")
}

// Differences lists what differs between the engines because of how the lab plays them, and not
// because of the protocols.
func Differences() []string {
	return []string{
		"Code: ZAB is the lab's own engine, written for the simulation, without threads: it cannot have " +
			"the bugs of Apache's Java code. hashicorp/raft and etcd-io/raft are unmodified " +
			"libraries; the lab supplies their storage, state machine and clients, and for " +
			"etcd-io/raft also the network.",
		"Schedules: servers, links, disks, clocks and faults are the same, at the same times. A fault " +
			"that waits for a message of ZooKeeper waits for the corresponding message of Raft. No " +
			"schedule has observers, or ends a session.",
		"Crashes: ZAB's servers notice a broken connection at once; Raft's servers notice a " +
			"crash only by a timeout. On average, ZAB and Raft give up a silent leader after the " +
			"same time: ZAB waits 5 ticks, Raft one to two election timeouts of 3⅓ ticks.",
		"Disks: a server whose disk was lost rejoins in ZAB, and stays down in Raft. If an fsync " +
			"fails, a server of ZAB or of etcd-io/raft stops at once, as etcd does. " +
			"hashicorp/raft gets the error when the fsync would have ended, and decides itself " +
			"what to do then.",
		"Messages: ZAB sends each transaction in its own message, with any number of " +
			"transactions in flight, and up to 1000 transactions share an fsync. hashicorp/raft " +
			"sends up to 64 entries in a message, with up to 2 messages in flight. For " +
			"etcd-io/raft the seed chooses both limits: at most 1, 4 or 64 entries of 64 bytes " +
			"in a message, and at most 1, 2, 8 or 256 messages in flight.",
		"Clients: all engines get the same mix of writes and reads, from the same seed; no call " +
			"is repeated. ZAB's clients stay with a server until they lose the connection, and " +
			"make no call without a connection. Raft's clients wait at most 1s for an answer; " +
			"then they give up the call, and send their next call to the next server. A server " +
			"that is not the leader refuses the call, and names the leader if it knows it. So " +
			"Raft's servers refuse more calls.",
		"Reads: ZAB's servers answer from their own state, which may be stale. Raft's leader first asks " +
			"a quorum whether it still leads.",
		"Healing: a new client makes the first write after all faults. In ZAB this client first " +
			"opens a session, which is a write, too. Raft must recover within 20s plus 20 " +
			"election timeouts. ZAB must recover within 60s plus two session timeouts plus twice " +
			"initLimit + syncLimit ticks.",
		"Threads: in the engines raft+naps and etcd-raft+naps, threads of Raft pause for some " +
			"milliseconds, and servers pause in the middle of their code, as on busy machines. The " +
			"simulated ZAB never pauses in this way.",
	}
}
