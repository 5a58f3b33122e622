// Package check is zablab check and zablab conform: they judge what did not run in this program.
//
// [Command] reads a history, a trace of the lab or JSON Lines from anywhere (history.go), and puts
// it to porcupine and to the witness. [Conform] replays a recording of a ZooKeeper server's answers
// on the simulated server, and prints every difference.
package check
