// Package live connects the simulated world with real clients: over TCP, or over pipes within one
// process, and in real time or in the virtual time of a testing/synctest bubble.
//
// # Contract
//
//  1. [Start] starts a goroutine that owns the world. Nobody else may touch the world until [Host.Close]
//     has returned; [Host.Do] runs a function between two steps of the world.
//  2. The world's clock follows the real clock: a microsecond of virtual time for a microsecond of
//     real time, or for 1/Speed of it.
//  3. [Host.Listen] serves one server of the ensemble on a TCP address. [Host.Dial] connects within
//     the process: give it to a client library as its dialer.
//  4. If the world cannot keep up, it lags behind the real clock. If the lag exceeds [MaxLag], the
//     world does not make up for it, but lets its clock lag by that time from then on
//     ([Figures].Slipped): so no session expires because of it.
//  5. No client can stop the world. A client is disconnected when it has left [MaxQueued] bytes
//     unread. From a client with [MaxOutstanding] unanswered requests, nothing is read until some
//     of these are answered.
//
// # In a bubble
//
// With Config.Bubble, each round begins when every other goroutine of the bubble waits, and what
// clients did in the meantime is sorted by client and connection. So a run depends on the seed and
// on the test alone, as far as the test itself has a fixed order. Wait for nothing outside the
// bubble.
package live
