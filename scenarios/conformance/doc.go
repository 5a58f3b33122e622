// Package conformance compares one simulated server with Apache ZooKeeper. It sends the requests of
// a recording to the server and compares the answers ([Read], [Recording.Replay]). A test can also
// send its own requests to a [Server] on a [Wire].
//
// # Recordings
//
// A recording has the requests that a client sent to a real server, and the answers. It is JSON
// Lines with one step on each line. Steps belong to sequences, and each sequence begins on a new
// standalone server. The keys of a step are:
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
// An example is testdata/zookeeper-3.8.0.jsonl.
//
// # Skipped steps
//
// The replayed server has no quotas, no four-letter words, and no ACL schemes other than world, ip
// and digest. Replay skips a step that needs one of these. It also skips a step whose recorded
// answer depends on a node that is missing in the replay, because the step that creates the node
// was skipped. [Report.Skipped] lists all skipped steps.
//
// # Decisions
//
// The simulated server starts in epoch 1, and each restart begins a new epoch, in which the counter
// of the zxids begins again. A standalone Apache server stays in epoch 0, and its counter only
// grows. So Replay compares only the counters. Before it compares them, it adds an offset to the
// counter of the simulated server; each epoch has its own offset.
package conformance
