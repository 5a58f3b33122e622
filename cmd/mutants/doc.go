// Mutants changes the engine in one small place at a time, and reports whether the fuzzer notices.
//
//	go run ./cmd/mutants                       200 mutants, picked by seed 1, a minute each
//	go run ./cmd/mutants --n 0 --list          lists all mutants, without trying any
//	go run ./cmd/mutants --only zab/sync.go    the mutants whose ID has this text
//	go run ./cmd/mutants --mix rare            plays schedules of this mix only
//	go run ./cmd/mutants --in tree             mutants of package tree
//	go run ./cmd/mutants --results trials.jsonl   skips the mutants that are in the file
//	go run ./cmd/mutants --plant my.patch      no mutants: your own change (see .ci/plant)
//
// A mutant is a small change of the packages zab, tree/server and tree/client, or of the packages
// that --in names. No file is changed: the compiler reads the changed source from a separate folder
// (go build -overlay).
//
// The command picks the mutants with the lowest ranks. The rank of a mutant depends only on the
// seed and on the mutant's text. So if the source changes, only the mutants of the changed code are
// replaced.
//
// The fuzzer plays a mutant with one seed after another, and makes every check in each run. It
// stops when it has used the processor time that --for gives. If this time is below 20 s, the mixes
// common and swarm (zablab fuzz --mix) get half of it each. From 20 s on, the mix rare gets a
// quarter of the time, and the other two mixes share the rest equally. If a check fails, the mutant
// is convicted: the fuzzer has noticed it. If no check fails, the mutant survives.
//
// The command runs no unit tests. A check also counts as failed in these cases:
//
//   - an assertion of the engine fails, or the fuzzer itself crashes
//   - a run does not end, or needs a gigabyte (Hangs)
//   - events happen much more or less often than in runs of the unchanged engine (Rates)
//   - the runs never reach a situation that runs of the unchanged engine reach (Misses, see zablab
//     fuzz --reach)
//   - goroutines are left when the runs have ended (Leaks)
//   - a search of a small world (see zablab explore) finds a violation, or a different number of
//     states from that of the unchanged engine (Search); only mutants that have survived for 20 s
//     are searched
//
// The binaries that contain the mutants also contain the unchanged engine. The command first plays
// the unchanged engine, which must survive. Then it plays each mutant for a few seconds (--first);
// only the mutants that survive this are played for the time in --for. The result of a mutant says
// whether its runs differ from those of the unchanged engine.
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
// The command makes no mutants of code that cannot change a run: calls that only
// report to the checks, assertions, texts, hashes, sizes, and the code for the bugs of package
// zab/flaw.
//
// # How it is fast
//
// Most mutants share a binary, and an environment variable says which mutant is switched on. Two
// mutants of the same place are in different binaries. A mutant that changes a number in a function
// can share a binary; a mutant that changes a constant declaration needs its own binary.
//
// # Survivors
//
// A mutant survives for one of three reasons:
//
//   - It is equivalent: no message, no disk and no client of any run can show a difference.
//   - It is out of reach: the fuzzer never runs the changed line, or never with values that matter
//     (--plant prints how often the line runs).
//   - The checks do not notice a real difference.
//
// Only a person can say which of these reasons applies. The file testdata/known.jsonl lists the
// mutants that people have found equivalent or out of reach, with the reasons. The command skips a
// listed mutant as long as the text of the function that it changes is unchanged; --known tries the
// listed mutants too. In some lines the key "tried" says how a second person tried to find a run in
// which the mutant differs from the engine, and failed. --list --json prints mutants in the format
// of testdata/known.jsonl, without class and reason.
//
// # Exit status
//
// 0: all mutants that were picked have been tried. 2: wrong usage, or nothing could be built.
package main
