// Package replay implements zablab replay, which plays documents and prints the verdict of each
// arrow.
//
// The input is a list of documents (files, folders or chapters) and flags. The output is one of
// three: text, one JSON document (json.go; its keys are stable), or the documents corrected to
// match the run (repair.go). For one document, the text has a table for each diagram, the verdicts
// of the judges, a fingerprint and the command that repeats the run. For several documents, it has
// one line for each (many.go).
//
// [Command] reads the flags (options.go) and the documents (load.go). It plays them (play.go) on
// the simulated engine or on Apache ZooKeeper (zookeeper.go; agree.go compares the result with a
// simulated run), writes the files of --trace, --diagram and --porcupine (outputs.go), and prints
// the result (print.go). Parts of the text have their own files: the tables (story.go), what the
// drawing leaves out (facts.go), the verdicts of the checks (checked.go), and the table of many
// documents, each played with many seeds (summary.go).
package replay
