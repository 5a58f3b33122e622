// Package replay is zablab replay: it plays documents and prints what becomes of each arrow.
//
// In goes a list of documents (files or chapters) and flags; out comes a table for each diagram,
// the verdicts of the judges, a fingerprint and the command that shows the same again, or one JSON
// document (json.go, whose keys are stable). [Command] reads the flags (options.go), plays
// (play.go), on the simulated engine or on Apache ZooKeeper (zookeeper.go, with the simulated run
// to compare with: agree.go), writes the files that were asked for (outputs.go), and prints
// (print.go; facts.go for what the drawing leaves out; summary.go for the whole book).
package replay
