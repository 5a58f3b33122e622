// Package check implements zablab check and zablab conform, which judge runs of other programs.
//
// [Command] reads a history, a trace of the lab or JSON Lines from anywhere (history.go), and has
// porcupine and the witness judge it. [Conform] replays a recording of a ZooKeeper server's
// answers on the simulated server, and prints every difference.
package check
