// Package replay is zablab replay: it plays documents and prints the verdict of each arrow.
//
// The input is a list of documents (files, folders or chapters) and flags. The output is a table
// for each diagram, the verdicts of the judges, a fingerprint and the command that repeats the run;
// for several documents, one line each (many.go); or one JSON document (json.go, whose keys are
// stable); or the documents themselves, as they were played (repair.go).
//
// [Command] reads the flags (options.go) and the documents (load.go), plays (play.go), on the
// simulated engine or on Apache ZooKeeper (zookeeper.go, with the simulated run to compare with:
// agree.go), writes the files that were asked for (outputs.go), and prints (print.go; story.go for
// the tables, facts.go for what the drawing leaves out, checked.go for the judges' verdicts;
// summary.go for the whole book over many seeds).
package replay
