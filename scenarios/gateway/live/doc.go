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
// # In a bubble
//
// With Config.Bubble, the world waits until every other goroutine of the bubble is blocked. Then it
// handles what the clients have done in the meantime, sorted by client and connection, and
// continues. So a run depends only on the seed and the test, if the test's own goroutines act in a
// fixed order. No goroutine of the bubble may wait for something outside the bubble.
package live
