// Package witness is the second judge of histories: it believes the zxids that replies carry and
// asks whether one tree, walked through in their order, gives every answer. It shares no code with
// the models of package linearizability, of which it takes the types alone, nor with the lab's tree.
//
// # What is needed
//
// A write's own zxid: Operation.Txn, or, where that is 0, the zxid of the reply's header, which in
// ZooKeeper is the last that the server has processed; it is the write's own if the write is
// answered right at its apply. Reads need the reply's zxid, and are passed over without one.
// Writes without a zxid, answered or not, are given a place between others, at most one, if that
// explains what came; that is a search, and past its budget of steps the verdict is undecided.
// With zxids everywhere a judgement takes one sort and one walk.
//
// # Watches
//
// One-shot watches are those of get, exists and children with Operation.Watch set; those of an
// AddWatch stay until a RemoveWatches takes them away. An event comes once, of the change that
// was waited for, behind the events of all earlier changes and before any reply with the zxid of
// its change. One event serves all watches of a session that wait for it, so Event.Persistent
// counts only where no AddWatch of the session is in the record: then it excuses an event that
// nobody else waited for. The nodes of a session that ends may go in any order.
//
// Behind a Reconnected event, up to the first reply, any kind is right that setting one-shot watches
// again can give, and an exists watch may miss a node that came and went. Watches that stay are set
// again without being told of anything, so they may miss all that happened up to some moment, but
// nothing behind the first change that only they can have been told of.
//
// # What is checked
//
// The cases are those of TestNeighbours.
//
//	zxid-order           zxid-order, same-zxid
//	write-results        lost-write
//	multi                multi
//	sequential-names     sequential
//	ephemerals           ephemeral-outlives, ephemeral-early
//	stats                czxid, mzxid, doubled-write, unknown-twice
//	session-order        own-write
//	reads                wrong-value, from-the-future
//	linearizable-reads   stale-read
//	sync                 sync
//	watches              watch-late, watch-kind, watch-twice, watch-gap, and those of
//	                     watchNeighbours
//	mutual-exclusion     a figure: TestFigures
//	fencing              fencing
package witness
