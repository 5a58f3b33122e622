// Package wire encodes the messages between servers as bytes, and decodes them. Servers on real
// sockets use it; simulated servers hand each other the messages themselves.
//
// # Contract
//
//  1. [Append] appends a whole frame: a length of 4 bytes, a byte for the kind of the message, and
//     the message. The length does not count itself.
//  2. [Decode] takes a frame without its length. It returns an error if the frame is truncated, if
//     bytes follow the end of the message, or if Append would not have written these bytes. It
//     never panics. The memory that it allocates is at most a few times the size of the frame.
//  3. A decoded message shares no memory with the frame, so the caller may use the frame's memory
//     again.
//
// # Decisions
//
// The encoding is not ZooKeeper's, so an Apache ZooKeeper server cannot join an ensemble of these
// servers. The messages differ too: they have additional fields, because this lab has some rules
// that ZooKeeper lacks. Only the operation in a REQUEST is in ZooKeeper's own encoding for clients,
// which package jute implements.
package wire
