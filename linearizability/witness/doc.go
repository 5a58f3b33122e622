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
// One-shot watches of get, exists and children that ended with Operation.Watch set. An event comes
// before any reply with the zxid of its change. Behind a Reconnected event any kind is right that
// setting the watches again can give, and an exists watch may miss a node that came and went.
// Events of persistent watches are passed over.
//
// # What is checked
//
// The cases are those of TestNeighbours.
//
//	zxid-order           zxid-order, same-zxid
//	write-results        lost-write, doubled-write, unknown-twice
//	multi                multi
//	sequential-names     sequential
//	ephemerals           ephemeral-outlives, ephemeral-early
//	stats                czxid, mzxid
//	session-order        own-write
//	reads                wrong-value, from-the-future
//	linearizable-reads   stale-read
//	sync                 sync
//	watches              watch-late, watch-kind, watch-twice, watch-gap
//	mutual-exclusion     a figure: TestFigures
//	fencing              fencing
package witness
