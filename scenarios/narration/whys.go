package narration

import "github.com/zablab/zablab/scenarios/trace"

// Whys is the catalogue of explanations that events refer to.
func Whys() []trace.Explanation {
	return []trace.Explanation{
		{Key: "boot", Text: "A server that starts reads its disk first: a snapshot, and every logged change behind it, committed or not."},
		{Key: "crash", Text: "The process is gone, its disk is not. Its connections break at once, and whoever was connected notices."},
		{Key: "power", Text: "A machine without power says nothing to anybody. What was not synced to its disk is lost."},
		{Key: "vote", Text: "Who has no leader votes first for itself, then for the best candidate it hears of: newest epoch, then longest log, then highest number."},
		{Key: "role", Text: "Looking, then discovery of the epoch, then synchronisation, then broadcast. Only in broadcast are clients served."},
		{Key: "elected", Text: "A quorum has promised this epoch and will join no older one. It still has to get the leader's history."},
		{Key: "established", Text: "A quorum holds the leader's whole history on disk. From now on the leader may propose and clients are served."},
		{Key: "epoch", Text: "A promise counts only once it is on disk: a server that forgot it could help two leaders of one epoch."},
		{Key: "sync", Text: "The leader brings each follower to its own history: by the changes it lacks, by cutting off what nobody committed, or by a snapshot."},
		{Key: "propose", Text: "The leader gives each change the next number, epoch/counter, and every server logs them in that order."},
		{Key: "log", Text: "The change is in the log's file, and not yet safe: a loss of power could take it away until the sync is done."},
		{Key: "durable", Text: "The sync is done. Up to here the log survives even a loss of power."},
		{Key: "ack", Text: "An acknowledgement says: I hold this on disk. It is sent behind the sync, never before."},
		{Key: "commit", Text: "A quorum holds the change on disk, so no later leader can be without it. Only now is it applied."},
		{Key: "apply", Text: "The change takes effect in this server's tree. All servers apply the same changes in the same order."},
		{Key: "trunc", Text: "What is cut off was never committed: nobody was told that it happened."},
		{Key: "snap", Text: "A whole state instead of the changes that led to it: for a server that is too far behind."},
		{Key: "session", Text: "A session outlives its connection. It ends when its client closes it, or has not been heard of for its timeout."},
		{Key: "expire", Text: "The leader has not heard of the session for its timeout, rounded up to a tick. It ends through the log, like any change."},
		{Key: "watch", Text: "A watch is a promise to be told once of the next change. The event comes before any answer that shows the new state."},
		{Key: "op", Text: "A write goes to the leader and comes back as a committed change. A read is answered by the server at hand."},
		{Key: "unknown", Text: "The connection broke before the answer came. The change may have happened, may yet happen, or may never."},
		{Key: "connection", Text: "Connections keep their order and break: then both ends forget what was under way on them."},
		{Key: "partition", Text: "Nothing crosses the cut. Only a side with a quorum of servers can go on."},
		{Key: "pause", Text: "The process stands still, as in a long garbage collection. It does not know, and acts on what it knew when it goes on."},
		{Key: "disk", Text: "Disks are slow, fail, fill up, tear the last record or flip a bit. A server that cannot trust its disk ends itself."},
		{Key: "clock", Text: "Each machine has its own clock. Nothing may depend on two of them agreeing."},
		{Key: "belief", Text: "What a client believes is not what the ensemble knows: between the two lies the time that news takes."},
		{Key: "violation", Text: "Something that must always hold does not. The run stops here."},
	}
}
