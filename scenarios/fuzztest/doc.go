// Package fuzztest brings the lab's fuzzer into your tests. Your own client program, such as a
// lock, runs in a few clients on an ensemble that crashes, splits and loses power. All checks judge
// every run. The program also declares which recipe it follows, such as a lock, and is judged by
// the promises of that recipe.
//
//	var myLock = fuzztest.Client{
//		Programs: []func(*client.Proc){lock},
//		Is:       recipe.Lock("/lock"),
//	}
//
//	func TestMyLock(t *testing.T) { fuzztest.Check(t, myLock) }
//
// The example of [Check] is a complete lock.
//
// # By task
//
//	test a program on 100 schedules              [Check]; Client.Seeds for more of them
//	say what the program is                      Client.Is: recipe.Lock, RWLock, Election, Queue, Barrier
//	say that it is a lease, which excludes
//	nobody                                       recipe.Lock("/lock").Lease()
//	promise an order, or a fenced resource       recipe.Lock("/lock").InOrder().Fenced("DB")
//	say what the program believes                client.Proc.Want, Hold, LetGo, Use and Say
//	check something of your own                  Client.Also
//	let rapid choose and shrink the schedules    [Schedule] and [Run]
//	let go test -fuzz change the schedules       [Fuzz], or [Bytes] and [Run]
//	keep a schedule in a test                    [Parse] and [Run]
//	shrink and explain a schedule                [Parse] and [Explain]
//	see what a success covers                    go test -v
//
// # A failure
//
// [Check], [Explain] and [Fuzz] shrink a failing schedule until it has only the faults that matter,
// few clients and simple settings, and store the result in a folder. With go test -artifacts, the
// folder is in the test's artifact directory; otherwise it is a new temporary directory. The
// failure message of the test names the folder, which contains
//
//	schedule       the shrunk schedule, and as a comment the first one
//	why.txt        what is wrong, the first wrong step, and what led there
//	diagram.md     the same as a Mermaid diagram
//	trace.ndjson   the whole run, for zablab trace
//	page.html      the same to step through in a browser; not if it has too many events
//
// # A success
//
// With -v, a successful test prints what the schedules covered: how often the programs held the
// declared lock or leadership, how often they had to wait for another holder, the numbers of
// elections, expired sessions, session moves and lost answers, and which checks had something to
// check. If the programs never did what they declare, the schedules prove nothing, and the test
// fails.
//
// # Contract of a program
//
//  1. A program takes randomness and time from its [client.Proc], starts no goroutine and shares
//     nothing with other clients. Then the same schedule gives the same run.
//  2. A program must not end before its session is over. It may end when its session is over and no
//     new session follows, but it need not end at all.
//  3. A program reports when it starts to wait for the declared lock or leadership
//     ([client.Proc.Want]) and when it has acquired the lock or leadership ([client.Proc.Hold]). It
//     must report the release ([client.Proc.LetGo]) before another client can acquire the lock or
//     leadership. The program need not report the names of its nodes. Package recipe says what
//     programs of queues and barriers report.
//  4. A program writes to an outside resource with [client.Proc.Use], and passes its fencing token.
//  5. The recipes of package client make all these reports themselves.
//
// If a program declares nothing, the checks of recipes judge only the marks that it reports with
// [client.Proc.Mark]. All other checks apply to its runs as well.
//
// # What is checked
//
// Every run has all checks of the fuzzer, of the ensemble and of the history (package fuzz). If a
// program declares what it is, the following checks judge it too (package promise has the exact
// rules):
//
//	lock, election      no two hold it while the sessions of both live (MutualExclusion), the same
//	                    of readers and writers (ReadersWriters); a program that waits gets what is
//	                    free while no fault acts (Progress); it holds by a node of its own session,
//	                    if by a node (OwnNode), and nobody deletes another's (OwnRelease)
//	  InOrder           it is given in the order of the numbered nodes (InOrder)
//	  Fenced            no write of a former holder is accepted after one of a later holder, and none
//	                    of a program that holds nothing (FencedInOrder)
//	  Lease             neither mutual exclusion nor progress
//	queue               each item is taken once (TakenOnce), and none is lost (NothingLost)
//	barrier             nobody passes before all have entered (BarrierSize), or leaves before all
//	                    want to (BarrierLeave)
//	all                 no program waits for an event that cannot come (NoStuckWaiter)
//
// A client that is paused or cut off cannot know that its session is over. So the lab only counts
// how often a program believes that it holds a lock after its session has ended; this is no
// failure. But the run of a program that declares Fenced fails if the resource accepts a write of a
// client whose session has ended.
package fuzztest
