// Package jute is the client's half of ZooKeeper's wire encoding: it encodes requests, and decodes
// replies and watch events.
//
// # Contract
//
//  1. Append functions write a whole packet, its length first: as many bytes as the message's Size.
//  2. Decode functions read a packet without its length. Truncated, trailing or invalid bytes are
//     an error, never a panic.
//  3. Nil and empty data differ, as they do for ZooKeeper.
//
// # Decisions
//
// A reply does not name the operation that it answers, so [DecodeReply] takes it. A failed reply
// has no body.
package jute
