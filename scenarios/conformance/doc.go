// Package conformance holds one simulated server against answers of Apache ZooKeeper: recorded ones
// ([Read], [Recording.Replay]), or whatever somebody asks of a [Server] on a [Wire].
//
// # Recordings
//
// A recording is JSON Lines, one step a line, in sequences that each begin on a fresh standalone
// server:
//
//	seq, n           the sequence, and the step's number in it
//	sess             the session that takes the step; s1b where s1 came back on a new connection
//	op, args         what was asked: connect, resume, closeSession; create, create2, delete, setData,
//	                 setACL, multi, sync; exists, getData, getChildren, getChildren2, getACL,
//	                 getAllChildrenNumber, multiRead; setWatches, addWatch, removeWatches,
//	                 checkWatches; ping, addAuth. Or what was done to the connection or the server:
//	                 dropTCP, sleepPinging, collectEvents, serverKill9, serverStart
//	err, zxid, res   the answer: its code; the header's zxid, whose counter is compared; the result
//	events           the watch events that came before it, in order
//
// testdata/zookeeper-3.8.0.jsonl is one.
//
// # What is left out
//
// Containers, nodes with a time to live, quotas, four-letter words, whoAmI and schemes beyond world,
// ip and digest are not in the tree. A step of these, and one whose answer shows what such a step
// has made, is skipped, and [Report.Skipped] names it.
//
// # Decisions
//
// A server here counts epochs from 1, a standalone Apache server from 0, and each restart begins
// another one. So counters are compared, and where an epoch begins the difference is added up.
package conformance
