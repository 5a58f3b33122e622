// Mutants changes the engine in one small place at a time, and reports whether the fuzzer notices.
//
//	go run ./cmd/mutants                       200 mutants, drawn by seed 1, a minute each
//	go run ./cmd/mutants --n 0 --list          all of them, without trying any
//	go run ./cmd/mutants --only tree/acl.go    those whose ID has this text
//	go run ./cmd/mutants --results trials.jsonl   what is in the file is not tried again
//	go run ./cmd/mutants --plant my.patch      one change, of your own: .ci/plant
//
// The engine is the packages zab, tree, tree/server and tree/client. The command changes no file of
// the repository: the compiler reads the changed source from a separate folder (go build -overlay).
// Each mutant is fuzzed with every check until one fails, half of the time in the mix common and
// half in swarm. The time --for is processor time, so a busy machine makes no difference. Only the
// fuzzer can notice a mutant; tests of packages do not count. The fuzzer notices it by a check that
// fails, by an assertion of the engine, by a run that does not end or takes a gigabyte (Hangs), by
// a crash of the fuzzer itself, or by rates that deviate from those of the unchanged engine.
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
// The command does not change calls that only report events to checks, assertions, texts, hashes,
// sizes, or the code of the bugs in package zab/flaw: no run of the sound engine would differ.
//
// # How it is fast
//
// Most mutants share a binary, in which each has a switch: an environment variable says which one
// is on. Mutants of the same place cannot share a binary, and each mutant that changes a number has
// its own binary.
//
// # Survivors
//
// A mutant survives for one of three reasons: it is equivalent (no run can differ), it is out of
// reach (the fuzzer never runs the line; --plant prints how often it does), or a check is missing.
// Only a reader can say which.
//
// # Exit status
//
// 0: all mutants that were picked have been tried. 2: wrong usage, or nothing could be built.
package main
