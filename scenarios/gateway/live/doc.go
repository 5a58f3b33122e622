// Package live connects the simulated world with real clients: over TCP, or over pipes within one
// process, and in real time or in the virtual time of a testing/synctest bubble.
//
// # Contract
//
//  1. [Start] starts a goroutine that owns the world. Nobody else may touch the world until [Host.Close]
//     has returned; [Host.Do] runs a function between two steps of the world.
//  2. The world's clock follows the real clock. Virtual time passes as fast as real time, or
//     Config.Speed times as fast.
//  3. [Host.Listen] serves one server of the ensemble on a TCP address. [Host.Dial] connects within
//     the process: give it to a client library as its dialer.
//  4. If the computer is too slow, the world's clock falls behind the real clock. If it falls
//     behind by at most [MaxLag], the world runs faster until it has caught up. If it falls further
//     behind, the world does not catch up, so that no session expires because the computer was
//     busy: the world's clock goes on from its present time. [Figures].Slipped is the sum of the
//     times that were not made up.
//  5. No client can stop the world. A client is disconnected when it has left [MaxQueued] bytes
//     unread. From a client with [MaxOutstanding] unanswered requests, nothing is read until some
//     of these are answered.
//
// With Config.CheckEvery, the history is checked and forgotten as the run goes on. New requests may
// then wait for half a second until all earlier ones are answered; pings do not wait. How many
// requests of a connection may be under way depends on the size of the replies, too.
//
// # Measured
//
// On two busy processors of an Intel Xeon, 64 writers over 8 connections made 2.2 million sets in one
// minute (zablab serve --latency 1us --fsync 1us --memory 1GB). The process then had 125 MB, and 115
// MB after the first 220,000 sets. The recorded run was played again in 35 s, with the same
// fingerprint.
//
// TestServeLoad in cmd/zablab, with ZABLAB_LOAD=3m: with 1,000 connections, 100,000 nodes and 10,000
// watches the process had 611 MB. Then, for three minutes, a client never read, one sent half a
// packet, and 24 sent fuzzed bytes over 72,000 connections. Meanwhile an honest client made 8,440
// sets, of which none failed and the slowest took 1.2 s, and all watches fired afterwards. The
// process had 1.7 GB at most. One real server (zablab serve --real, 970 connections) had 343 MB at
// most after one minute of this; of 28,000 honest sets the slowest took 9.9 s.
//
// # In a bubble
//
// With Config.Bubble, the world waits until every other goroutine of the bubble is blocked. Then it
// handles what the clients have done in the meantime, sorted by client and connection, and
// continues. So a run depends only on the seed and the test, if the test's own goroutines act in a
// fixed order. No goroutine of the bubble may wait for something outside the bubble.
package live
