// Package wire encodes the messages between servers as bytes, and decodes them. Servers on real
// sockets use it; simulated servers hand each other the messages themselves.
//
// # Contract
//
//  1. [Append] appends a whole frame: a length of 4 bytes, a byte for the kind of the message, and
//     the message. The length does not count itself.
//  2. [Decode] takes a frame without its length. It returns an error for bytes that are truncated,
//     that trail, or that Append would not have written, and never panics. The memory that it
//     allocates is at most a few times the size of the frame.
//  3. A decoded message shares no memory with the frame, so the caller may use the frame's memory
//     again.
//
// # Decisions
//
// The encoding is not ZooKeeper's: no server of Apache joins an ensemble of these servers. The
// messages are not the same either: rules that ZooKeeper lacks need fields that it does not send.
// The operation in a REQUEST is in ZooKeeper's encoding for clients, which package jute has.
package wire
