// Package check implements zablab check and zablab conform, which judge runs of other programs.
//
// [Command] reads a history, which is a trace of the lab or JSON Lines from any program
// (history.go), and has two judges check it: porcupine and the witness. [Conform] replays a
// recording of a ZooKeeper server's answers on the simulated server, and prints every difference.
package check
