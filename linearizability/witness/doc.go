// Package witness is the second judge of histories. It believes the zxids that replies carry,
// applies the writes in that order to its own tree, and checks that this reference tree gives every answer.
// It shares no code with the models of package linearizability, from which it takes only types, nor
// with the lab's tree.
//
// # What it needs
//
// Of a write it needs the zxid of its transaction: Operation.Txn, or, if that is 0, the zxid of the
// reply's header. In ZooKeeper that is the last zxid that the server has processed, which is the
// write's own if the reply is sent when the write is applied. Of a read it needs the zxid of the
// reply; a read without one is ignored.
//
// A write without a zxid, answered or not, is placed between others, at most once, if that explains
// the answers. This is a search; if it exceeds its budget of steps, the verdict is undecided. If
// every write has a zxid, a judgement takes one sort and one walk.
//
// # Watches
//
// Get, exists and children with Operation.Watch set one-shot watches. An AddWatch sets one that
// stays until a RemoveWatches removes it. One event reports each change for which a watch waits,
// after the events of all earlier changes and before any reply that shows the change. One event
// serves all watches of a session that wait for it. So Event.Persistent matters only if the record
// has no AddWatch of the session: then it excuses an event for which no other watch waited. The
// nodes of a session that ends may go in any order.
//
// After a Reconnected event, up to the first reply, an event may be of any kind that setting
// one-shot watches again can cause, and an exists watch may miss a node that was created and
// deleted. Persistent watches are set again without events. So they may miss everything up to some
// moment, but nothing after the first change that only they can have reported.
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
