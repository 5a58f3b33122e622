// Package zab is ZAB, the atomic broadcast protocol of ZooKeeper, as a pure state machine.
//
// A [Peer] is one server's share of the protocol. It reads no clock, opens no socket and starts
// no goroutine: it takes one event at a time and appends the effects it wants, in order. The
// machine of package sim carries them out.
//
// # Contract
//
//  1. Make a peer with [New] from what [Recover] reads off the disk, and hand it Boot first.
//  2. Hand every event to [Peer.Step], one at a time, and carry out the effects in order. Sends
//     may be lost with their connection; disk effects may not be reordered.
//  3. When a Sync is complete, step Synced with its token. The peer says nothing that depends on
//     a write before then.
//  4. Wake it at [Peer.Deadline].
//  5. After a crash, begin again at 1 with what the disk still holds.
//
// # Stories
//
// Each file of testdata is a story that runs: what is on which disk, who is cut off from whom or
// loses its power at which step, which messages follow, and how it ends. They are the way to get
// to know the protocol; TestStories explains their commands.
package zab
