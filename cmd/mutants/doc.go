// Mutants changes the engine in one small place at a time, and reports whether the fuzzer notices.
//
//	go run ./cmd/mutants                       200 mutants, drawn by seed 1, a minute each
//	go run ./cmd/mutants --n 0 --list          all of them, without trying any
//	go run ./cmd/mutants --only tree/acl.go    those whose ID has this text
//	go run ./cmd/mutants --results trials.jsonl   what is in the file is not tried again
//	go run ./cmd/mutants --plant my.patch      one change, of your own: .ci/plant
//
// The engine is the packages zab, tree, tree/server and tree/client. No file is changed: the
// compiler reads the changed source from a folder of its own (go build -overlay). A mutant is
// fuzzed in the mixes common and swarm for half of the time each, seed by seed, with every check of
// a run, until one fails; --for is time of a processor, so that a busy machine does not matter.
// Tests of packages do not count: only the fuzzer convicts. An assertion of the engine counts,
// because the fuzzer has got there. So do a run that does not end, or takes a gigabyte (Hangs), a
// crash of the fuzzer itself, and rates that deviate from those of the sound engine.
//
// # Kinds
//
//	negated   a condition becomes its opposite
//	never     the body of an if is never run
//	conjunct  one side of an && or || is left out
//	boundary  < becomes <=, and so on
//	constant  a number is one larger or smaller
//	dropped   a call, an assignment or a ++ is left out
//	swapped   two statements that follow each other change places
//
// Left out are calls that only tell observers something, assertions, texts, hashes and sizes, and
// what belongs to the bugs of package zab/flaw: no run of a sound engine differs there.
//
// # How it is fast
//
// Most mutants share a binary, in which each is behind a switch: an environment variable says which
// one is on. Mutants of one place cannot share a binary, and a changed number has its own.
//
// # Survivors
//
// A survivor is equivalent (no run can differ), out of reach (the fuzzer does not run the line:
// --plant tells how often it does), or shows that the checks are blind. Only a reader can say
// which.
//
// # Exit status
//
// 0: all mutants that were drawn have been tried. 2: wrong usage, or nothing could be built.
package main
