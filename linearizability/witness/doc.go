// Package witness is the second judge of histories. It trusts the zxids in the replies, applies the
// writes in that order to its own tree, and checks that this reference tree gives the same answers.
// It shares no code with the lab's tree. From package linearizability it uses only types, and none
// of the models.
//
// # What it needs
//
// For a write, the witness needs the zxid of the transaction: Operation.Txn, or, if Txn is 0, the
// zxid in the reply's header. In ZooKeeper, the header has the last zxid that the server has
// processed; this is the write's own zxid if the server replies as soon as it has applied the
// write. For a read, the witness needs the zxid of the reply; it ignores a read without a zxid.
//
// For a write without a zxid, answered or not, the witness searches for a place among the other
// writes that explains the answers. If the search exceeds its step budget, the verdict is
// undecided. If every write has a zxid, there is no search: judging takes one sort and one pass.
//
// # Watches
//
// A get, exists or children with Operation.Watch sets a one-shot watch. An AddWatch sets a watch
// that stays until a RemoveWatches removes it. For each change that a watch waits for, the client
// must receive one event: after the events of all earlier changes, and before any reply that shows
// the change. One event serves all watches of a session that wait for the same change.
//
// Event.Persistent is optional. If the field is true in any event of a client, the witness checks
// the field in all events of this client: it must be true if a watch set by an AddWatch waited for
// the event, and false otherwise. In a session whose AddWatch calls are not recorded, the witness
// accepts every event whose field is true.
//
// When a session ends, its ephemeral nodes may be deleted in any order.
//
// A Reconnected event says that the session got a new connection, and that the client sets its
// watches again. After an Unwatched event the client has no watches: it got a new connection, but
// did not set its watches again.
//
// Setting a one-shot watch again can cause an event. So between a Reconnected event and the next
// reply, the witness accepts every event that setting a watch again can cause. It also accepts that
// an exists watch misses a node that was both created and deleted.
//
// Setting a persistent watch again causes no event, so the history does not show when the server
// has set the watch. At first the witness therefore accepts that the watch misses changes. When an
// event arrives that only this watch can have caused, the watch is set: from then on, the watch
// must miss no change.
//
// # Permissions
//
// If the caller's identities are known (Operation.Who), the witness knows which operations the ACLs
// of the nodes permit, and to which callers getACL shows the whole ACL. It knows the schemes world,
// ip (IPv4), digest and auth, and the identity "super:", which may do everything. In a record, no
// client may set a watch on a node that this client may not read, because the client gets no events
// of such a node.
//
// # What is checked
//
// This table lists each check with the cases of TestNeighbours that test it.
//
//	zxid-order           zxid-order, same-zxid
//	write-results        lost-write, failure-reads, permission, invalid-acl, world-acl, digest-acl,
//	                     ip-acl
//	multi                multi
//	sequential-names     sequential
//	ephemerals           ephemeral-outlives, ephemeral-early, ephemerals-listed
//	stats                czxid, mzxid, doubled-write, unknown-twice, aversion, cversion, pzxid,
//	                     length, children-count
//	session-order        own-write
//	reads                wrong-value, from-the-future, may-not-read, acl-read, acl-hidden,
//	                     descendants
//	linearizable-reads   stale-read
//	sync                 sync
//	watches              watch-late, watch-kind, watch-twice, watch-gap, and those of
//	                     watchNeighbours
//	mutual-exclusion     a figure: TestFigures
//	fencing              fencing
package witness
