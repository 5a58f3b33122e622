// Package witness is the second judge of histories. It trusts the zxids in the replies, applies the
// writes in that order to its own tree, and checks that this reference tree gives every answer. It
// shares no code with the models of package linearizability, from which it takes only types, nor
// with the lab's tree.
//
// # What it needs
//
// For a write it needs the zxid of its transaction: Operation.Txn, or, if that is 0, the zxid of
// the reply's header. In ZooKeeper that is the last zxid that the server has processed, which is
// the write's own if the reply is sent as soon as the write is applied. For a read it needs the
// zxid of the reply; a read without one is ignored.
//
// A write without a zxid, answered or not, is placed among the others, at most once, where that
// explains the answers. This is a search; if it exceeds its step budget, the verdict is undecided.
// If every write has a zxid, judging takes one sort and one pass.
//
// # Watches
//
// Get, exists and children with Operation.Watch set one-shot watches. An AddWatch sets one that
// stays until a RemoveWatches removes it. One event reports each change for which a watch waits,
// after the events of all earlier changes and before any reply that shows the change. One event
// serves all watches of a session that wait for it. So Event.Persistent matters only if the record
// has no AddWatch by the session: then it excuses an event for which no other watch waited. The
// nodes of an ending session may be deleted in any order.
//
// After a Reconnected event, up to the first reply, an event may be of any kind that setting
// one-shot watches again can cause, and an exists watch may miss a node that was created and
// deleted. Persistent watches are set again without events, so they may miss every change up to
// some moment, but none after the first change that only they can have reported.
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
