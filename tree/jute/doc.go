// Package jute is ZooKeeper's wire encoding, for clients: it encodes requests, and decodes replies
// and watch events.
//
// # Contract
//
//  1. Each Append function appends a whole packet: its length, and then the message. Together they
//     have as many bytes as the message's Size.
//  2. Each Decode function takes a packet without its length. It returns an error for truncated,
//     trailing or invalid bytes, and never panics.
//  3. Nil data and empty data are encoded differently, as in ZooKeeper.
//
// # Decisions
//
// A reply does not name its operation, so the caller passes the operation to [DecodeReply]. A
// failed reply has no body.
package jute
