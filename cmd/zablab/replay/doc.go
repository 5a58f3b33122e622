// Package replay implements zablab replay, which plays documents and prints the verdict of each
// arrow.
//
// The input is a list of documents (files, folders or chapters) and flags. The output is one of
// three: text, one JSON document (json.go; its keys are stable), or the documents corrected to what
// was played (repair.go). The text of one document is a table for each diagram, the verdicts of the
// judges, a fingerprint and the command that repeats the run; of several documents, one line each
// (many.go).
//
// [Command] reads the flags (options.go) and the documents (load.go). It plays them (play.go) on
// the simulated engine or on Apache ZooKeeper (zookeeper.go; agree.go compares the result with a
// simulated run), writes the files of --trace, --diagram and --porcupine (outputs.go), and prints
// (print.go). Of the text, story.go has the tables, facts.go what the drawing leaves out,
// checked.go the judges' verdicts, and summary.go the whole book over many seeds.
package replay
