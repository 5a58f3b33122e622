// Mutants changes the engine in one small place at a time, and reports whether the fuzzer notices.
//
//	go run ./cmd/mutants                       200 mutants, picked by seed 1, a minute each
//	go run ./cmd/mutants --n 0 --list          all of them, without trying any
//	go run ./cmd/mutants --only zab/sync.go    those whose ID has this text
//	go run ./cmd/mutants --mix rare          only with this mix of schedules
//	go run ./cmd/mutants --in tree             of another package than zab, tree/server, tree/client
//	go run ./cmd/mutants --results trials.jsonl   what is in the file is not tried again
//	go run ./cmd/mutants --plant my.patch      one change, of your own: .ci/plant
//
// A mutant is a small change of the packages zab, tree/server and tree/client, or of those that
// --in names. No file is changed: the compiler reads the changed source from a separate folder (go
// build -overlay).
//
// The fuzzer plays a mutant seed by seed, with every check of a run: half of the time in the mix
// common, then in the mix swarm. With 20 s or more, a quarter of the time is for the mix rare. If a check fails, the mutant is convicted. If no check fails
// within the time of --for, it survives. This is processor time, so that a busy machine does not
// matter.
//
// Unit tests do not count. These count as failed checks:
//
//   - an assertion of the engine fails, or the fuzzer itself crashes
//   - a run does not end, or needs a gigabyte (Hangs)
//   - the rates of the runs deviate from those of the sound engine
//   - the runs never reach a situation that sound runs reach (Misses, see zablab fuzz --reach)
//   - the runs leave goroutines behind (Leaks)
//   - a search of a small world breaks a check, or does not find as many states as in the sound
//     engine (Search, see zablab explore); only survivors of 20 s or more are searched
//
// Each mutant first gets a few seconds (--first); only survivors get the whole time. Before any
// mutant, the command plays the engine without a mutant in the same binaries: it must survive. The
// result of a mutant says whether its runs differ from those of the engine without it.
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
// The command makes no mutants of code that cannot change the runs of a sound engine: calls that only
// report to the checks, assertions, texts, hashes, sizes, and the code for the bugs of package
// zab/flaw.
//
// # How it is fast
//
// Most mutants share a binary, and an environment variable says which mutant is switched on. Two
// mutants of the same place are in different binaries. A number within a function can be switched;
// a changed constant needs its own binary.
//
// # Survivors
//
// A mutant survives for one of three reasons. It is equivalent: no message, no disk and no client
// of any run can show a difference. It is out of reach: the fuzzer never runs the line, or never
// with values that matter (--plant tells how often the line runs). Or the checks are blind. Only a
// reader can say which. The file testdata/known.jsonl has the mutants that readers have classified,
// with the reasons. The command skips these mutants, as long as the text of their functions is
// unchanged; --known tries them too. --list --json prints mutants as lines for that file.
//
// # Exit status
//
// 0: all mutants that were picked have been tried. 2: wrong usage, or nothing could be built.
package main
