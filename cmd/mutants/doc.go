// Mutants changes the engine in one small place at a time, and reports whether the fuzzer notices.
//
//	go run ./cmd/mutants                       200 mutants, drawn by seed 1, a minute each
//	go run ./cmd/mutants --n 0 --list          all of them, without trying any
//	go run ./cmd/mutants --only zab/sync.go    those whose ID has this text
//	go run ./cmd/mutants --in tree             of another package than zab, tree/server, tree/client
//	go run ./cmd/mutants --results trials.jsonl   what is in the file is not tried again
//	go run ./cmd/mutants --plant my.patch      one change, of your own: .ci/plant
//
// Mutants are made of the packages zab, tree/server and tree/client, or of those that --in names.
// No file is changed: the compiler reads the changed source from a folder of its own (go build
// -overlay). A mutant is fuzzed in the mixes common and swarm for half of the time each, seed by
// seed, with every check of a run, until one fails; --for is time of a processor, so that a busy
// machine does not matter. Tests of packages do not count: only the fuzzer convicts. An assertion
// of the engine counts, because the fuzzer has got there. So do a run that does not end, or takes
// a gigabyte (Hangs), a crash of the fuzzer itself, rates that deviate from those of the sound
// engine, and something that no run reaches although sound runs do (Misses, see zablab fuzz
// --reach).
//
// All mutants are tried for a few seconds first (--first), and only those that survive for longer.
// Before that the engine runs in the same binaries without a mutant: it must survive. With the
// result of each mutant the command says whether any of its runs differs from those of the engine
// without it.
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
// Most mutants share a binary, in which each has a switch: an environment variable says which one
// is on. Mutants of one place cannot share a binary. A changed number has a switch if it is in a
// function, by its type, and a binary of its own if it is a constant.
//
// # Survivors
//
// A survivor is equivalent (no run can differ in what a message, a disk or a client shows), out of
// reach (the fuzzer does not run the line, or never with such values: --plant tells how often it
// runs), or shows that the checks are blind. Only a reader can say which. What readers have found
// is in testdata/known.jsonl, with the reasons. These mutants are not tried, unless --known is
// given, as long as their functions have the same text. --list --json prints mutants as lines for
// that file.
//
// # Exit status
//
// 0: all mutants that were drawn have been tried. 2: wrong usage, or nothing could be built.
package main
