// Package learn has the exercises of zablab learn, and checks answers to them by playing them.
//
// [All] returns the lab's exercises, in order, and [Load] returns the exercises in your own folder.
// [Exercise.Contents] returns the file that a learner starts from. [Exercise.Check] checks the file
// that the learner has edited, and returns a [Verdict]: its status, one sentence that says why,
// what happened in the run, and a drawing of the run. No check compares an answer with a stored
// answer. To check an answer, the lab plays it, or plays the exercise's run and examines what
// happens:
//
//	predict  plays the drawing, and sees which of the choices comes true
//	read     plays the run without the fault that the answer blames; or finds the event in the trace
//	judge    asks porcupine for the first operation whose answer no order explains
//	draw     plays the learner's drawing: every arrow must happen, and the run must show something
//	break    plays the learner's faults with a flaw and without it: only with it may a check break
//	reach    searches all states of a small world for those that the learner's words describe
//	repair   compiles the learner's program, and plays it as the clients of fuzzed schedules
//
// # Contract
//
//  1. A check depends on the exercise and the answer alone: the same answer has the same verdict on
//     every machine.
//  2. [Exercise.Check] returns an error only if the exercise or the lab is at fault. A learner's
//     mistake gives a verdict.
//  3. The text of a verdict never reveals the right answer.
//
// # Programs
//
// In a repair exercise, the lab first reads the learner's program. It refuses a program that uses
// package-level variables, goroutines, packages that are not allowed, or compiler directives: with
// these, clients could share memory, or reach things outside of the simulation.
//
// Then the lab compiles the learner's program together with package trial into one executable. To
// do so, it passes the learner's file to the go command as an overlay of the lab's sources. Package
// trial plays the learner's program, records what the program waits for and holds, and reports the
// outcome to the lab.
//
// The lab checks what the program's recipe promises (package promise). It also checks that:
//
//   - the node of a holder ends with the holder's session, and an item of a queue does not end with
//     the session of the client that put it
//   - a node that was given back is gone
//   - several readers can hold a lock at the same time
//   - the token of the present holder is accepted
//   - a release of a fair lock notifies at most one waiting client, in runs without faults
//   - no function returns an error while its session goes on and no fault acts
//
// When no fault acts any more, each client gets what it waits for once more, and then stops. So if
// a client still waits although nobody holds what it waits for, it waits in vain, and the lab
// notices.
//
// With [Lab.Sandbox] the executable runs as WebAssembly: it sees no file, no network and no clock,
// and has 256 MB of memory and limited time. It reports through a function that the learner's file
// cannot call. A program that ends too early, loops for ever or needs too much memory is a wrong
// answer.
//
// # Exercises of your own
//
// Put your exercises into one folder, and run zablab learn --exercises FOLDER. Each exercise is a
// subfolder whose name is the exercise's number and name, such as 03-the-leader-dies. The files of
// an exercise are:
//
//	exercise.md     the header, a line ---, and the question in Markdown
//	solution.md     or .plan, or .go: an answer that passes; or a line of the header
//	wrong.txt       at least four answers that must fail, each with a part of the reason
//	task.md         what a drawing starts from; task.go: what a program starts from
//	schedule        of break: stage, clients and flaw, as zablab fuzz --schedule reads them
//	schedules       of repair: schedules to play before those of seeds, with lines --- between them
//	history.jsonl   of judge: as zablab check reads it
//
// Each line of the header is KEY: VALUE. These keys may occur:
//
//	kind      predict, read, judge, draw, break, reach or repair
//	title     a few words
//	read      the number of the chapter to read first
//	hint      again for each hint; each reveals more than the one before
//	lesson    what to keep in mind, told after the right answer
//	solution  the answer, of predict, read, judge and reach
//	choice    of predict, again for each: LETTER | TEXT | CONDITION
//	seeds     of predict: how many seeds to play
//	fault     of read, again for each: a line of a plan
//	event     of read: the event that is asked for: kind=commit who=S3 says=1/3 nth=1
//	          (or the event that reached its machine at that moment, and caused it)
//	shows     of draw: a CONDITION on the run, again for each; of read: the outcome to explain
//	most      of draw and break: how many lines an answer may have
//	par       of break: the fewest lines known
//	setup     of reach: the small world, as zablab explore --list names it
//	state     of reach: what may be described, as zablab explore --reach reads it; again for each
//	          state that is right too: an answer must fit some state, and only such states
//	office    of repair: lock, fair-lock, fenced-lock, election, read-write-lock or queue
//
// In the text, the lab replaces {{history}} and {{faults}} by the history and the faults of the
// exercise, {{par}} and {{most}} by the settings par and most, {{run}} by where to find the run,
// such as "the file `04-x.ndjson`", and {{trace}} by the name of that file alone. The text of a
// predict or read exercise contains a sequence diagram, which is the drawing that the lab plays.
//
// A CONDITION has one of these forms; several are joined by "and". Arrows and notes are counted
// from 1:
//
//	arrow 7 later                      the seventh has this verdict
//	arrow 7 in 1s..6s after 5          the time from the fifth to the seventh
//	winner A 40..60                    the percentage of the seeds in which A wins
//	some later because session-expiry  some arrow has this verdict for this undrawn reason
//	overlap                            two clients believe at the same time that they lead
//	stale read, stale write            a read misses a write; a resource accepts an old token
//	clients 2                          at least two clients make calls
//	resigns /leader                    a client makes this ephemeral node, and ends it itself
//	refused /leader                    a client's create fails: another client's node exists
//	line watch, no crash               some line that happens has this word; no line has it
//
// In wrong.txt each answer begins with the line "== NAME == REASON". After this line, write either
// the whole answer, or the line "edit:" and the differences from the solution: each group of lines
// that begin with - is replaced by the lines after it that begin with +.
//
// zablab learn verify --exercises FOLDER tests all exercises of the folder.
package learn
