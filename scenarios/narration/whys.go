package narration

import "github.com/zablab/zablab/scenarios/trace"

// Whys returns the catalogue of explanations that events refer to by their keys.
func Whys() []trace.Explanation {
	list := make([]trace.Explanation, len(whys))
	for i, w := range whys {
		list[i] = trace.Explanation{Key: w[0], Text: w[1]}
	}
	return list
}

// whys has the explanations of what happens in a run, each with its key.
var whys = [...][2]string{
	{"boot",
		"A server that starts reads its disk first: a snapshot, then every logged change after " +
			"it, committed or not."},
	{"crash",
		"The process ends, and the disk stays unchanged. The connections break at once, so every " +
			"connected machine notices."},
	{"power", "A machine without power sends nothing. Whatever was not on its disk is lost."},
	{"vote",
		"A server without a leader first votes for itself, then for the best server that a " +
			"vote names: highest epoch, then highest zxid, then highest server number."},
	{"role", "The phases of a server are election, discovery of the epoch, synchronisation " +
		"(catching up) and broadcast. Clients are served in broadcast only."},
	{"elected",
		"A quorum has accepted this epoch and will follow no leader of an older one. The " +
			"quorum's servers still have to catch up with the leader."},
	{"established",
		"A quorum holds the leader's whole history on disk. From now on the leader may " +
			"propose, and clients are served."},
	{"epoch",
		"An accepted epoch counts only once it is on disk: a server that forgets which epoch it " +
			"has accepted could help to elect two leaders for one epoch."},
	{"sync",
		"The leader lets each follower catch up: it sends the missing changes, makes the " +
			"follower truncate changes that were never committed, or sends a snapshot."},
	{"propose",
		"The leader gives each change the next number, epoch/counter, and every server logs " +
			"them in that order."},
	{"log",
		"The change is in the log file, but not durable: until the fsync completes, a loss of " +
			"power could destroy it."},
	{"durable", "The fsync is complete. The log up to this zxid survives even a loss of power."},
	{"ack", "An acknowledgement means that the change is on disk. It is sent after the fsync, " +
		"never before."},
	{"commit",
		"A quorum holds the change on disk, so every later leader will have it. Only now do " +
			"servers apply it."},
	{"apply",
		"The change takes effect in this server's tree. All servers apply the same changes in " +
			"the same order."},
	{"trunc",
		"Truncated changes were never committed, so no client got the answer that they succeeded."},
	{"snap",
		"A server that lacks too many changes gets a snapshot: the whole state, instead of the " +
			"changes that led to it."},
	{"session",
		"A session outlives its connection. It ends when the client closes it, or has been " +
			"silent for the session's timeout."},
	{"expire",
		"The client has been silent for the session's timeout, rounded up to a tick. The end " +
			"of the session goes through the log, like any change."},
	{"watch",
		"A watch is a promise to report the next change, once. The event comes before any " +
			"answer that shows the new state."},
	{"op",
		"A write goes to the leader and comes back as a committed change. A read is answered " +
			"by the client's own server."},
	{"unknown",
		"The connection broke before the answer came. The change may have happened, may " +
			"happen later, or may never happen."},
	{"connection",
		"A connection keeps its messages in order until it breaks. Messages in transit are " +
			"then lost."},
	{"partition", "No message crosses the cut. Only a side with a quorum can commit changes."},
	{"pause",
		"The process does nothing for a while, as in a long garbage collection. The process does " +
			"not notice the pause, and then acts on outdated knowledge."},
	{"disk",
		"A disk may be slow, fail, fill up, tear the last record or flip a bit. A server that " +
			"cannot trust its disk exits."},
	{"clock", "Each machine has its own clock. The protocol must not rely on synchronised clocks."},
	{"belief",
		"A client's belief can differ from what the ensemble knows, because news takes time to " +
			"arrive."},
	{"fence",
		"Each write has a token: the creation zxid of its writer's node. A fenced resource " +
			"refuses a token older than one it has seen, so a leader that was replaced cannot " +
			"write."},
	{"violation", "A property that must always hold is broken. The run ends here."},
}
