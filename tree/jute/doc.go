// Package jute is ZooKeeper's wire encoding, the client's half of it: requests are written, answers
// and watch events are read.
//
// # Contract
//
//  1. What Append writes is a whole packet with its length in front, as many bytes as the message's
//     Size says.
//  2. What Decode reads is a packet without its length. Anything cut off, left over or out of range
//     is an error, never a panic.
//  3. Nil and empty data differ, as they do for ZooKeeper.
//
// # Decisions
//
// An answer does not say what it is an answer to: [DecodeReply] is given the operation. A failed
// answer has no body.
package jute
