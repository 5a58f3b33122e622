// Package check implements zablab check and zablab conform, which judge runs of other programs.
//
// [Command] reads a history, which is a trace of the lab or JSON Lines from any program
// (history.go). Two judges check the history: porcupine searches for an order that explains every
// answer, and package witness checks the order that the zxids give. [Conform] sends the requests in
// a recording of a ZooKeeper server to the simulated server, and prints every difference between
// the answers of the two.
package check
