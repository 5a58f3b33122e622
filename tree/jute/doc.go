// Package jute is ZooKeeper's wire encoding, for clients and for servers: a client encodes
// requests, and decodes replies and watch events; a server decodes requests, and encodes replies
// and watch events.
//
// # Contract
//
//  1. Each Append function appends a whole packet: its length, and then the message. The packet has
//     as many bytes as the message's Size method says.
//  2. Each Decode function takes a packet without its length. It returns an error if the packet is
//     truncated, has bytes after its end, or is invalid, and never panics. The memory that it
//     allocates is at most a few times the size of the packet.
//  3. Nil data and empty data are encoded differently, as in ZooKeeper.
//  4. A decoded message shares no memory with the packet.
//
// # Decisions
//
// A reply does not name its operation, so the caller passes the operation to [DecodeReply]. A
// failed reply has no body.
//
// ZooKeeper reads a boolean as "not zero" and ignores bytes after the end of a request. This
// package refuses both: no client sends them, and a server that accepts them hides a client's bug.
package jute
