// Package conformance compares one simulated server with Apache ZooKeeper: it replays recorded
// answers ([Read], [Recording.Replay]), or lets a test send its own requests to a [Server] on a
// [Wire].
//
// # Recordings
//
// A recording is JSON Lines, one step a line, in sequences that each begin on a fresh standalone
// server:
//
//	seq, n           the sequence, and the step's number in it
//	sess             the session; s1b is s1 resumed on a new connection
//	op, args         the request: connect, resume, closeSession; create, create2, delete, setData,
//	                 setACL, multi, sync; exists, getData, getChildren, getChildren2, getACL,
//	                 getAllChildrenNumber, multiRead; setWatches, addWatch, removeWatches,
//	                 checkWatches; ping, addAuth. Or an action on the connection or the server:
//	                 dropTCP, sleepPinging, collectEvents, serverKill9, serverStart
//	err, zxid, res   the answer: its code, its zxid (only the counter is compared), its result
//	events           the watch events that arrived before the answer, in order
//
// testdata/zookeeper-3.8.0.jsonl is an example.
//
// # What is skipped
//
// The tree has no containers, no nodes with a time to live, no quotas, no four-letter words, no
// whoAmI, and no ACL schemes other than world, ip and digest. A step that needs one of these is
// skipped, and so is a step whose answer shows what a skipped step created. [Report.Skipped] lists
// both.
//
// # Decisions
//
// The simulated server counts epochs from 1 and begins a new one at each restart; a standalone
// Apache server stays in epoch 0. So only counters are compared, each epoch with its own offset.
package conformance
