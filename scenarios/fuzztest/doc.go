// Package fuzztest brings the lab's fuzzer into your tests. Your own client program, such as a lock,
// runs in a few clients on an ensemble that crashes, splits and loses power. Every run passes through
// every check, and the program is judged by what it declares itself to be.
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
// [Check], [Explain] and [Fuzz] shrink a failing schedule to the few faults that matter, fewer
// clients and simple settings, and leave a folder: in the test's artifact directory, which go test
// -artifacts keeps, or in a new temporary one. The message names it. In the folder are
//
//	schedule       the shrunk schedule, and as a comment the first one
//	why.txt        what is wrong, the first wrong step, and what led there
//	diagram.md     the same as a Mermaid diagram
//	trace.ndjson   the whole run, for zablab trace
//	page.html      the same to step through in a browser; not if it has too many events
//
// # A success
//
// With -v, a success says what the schedules covered: how often the programs held the office and how
// often they had to wait for another holder, elections, expired sessions, moves, lost answers, and
// which checks had something to check. Schedules in which the program never did what it declares
// prove nothing: then the test fails.
//
// # Contract of a program
//
//  1. A program takes randomness and time from its [client.Proc], starts no goroutine and shares
//     nothing with other clients. Then the same schedule gives the same run.
//  2. A program ends only when its session is over and no new session follows. It may also never
//     end.
//  3. A program says when it waits for the declared office, holds it, and lets go: [client.Proc.Want],
//     [client.Proc.Hold], [client.Proc.LetGo]. It lets go before it frees the office. It need not
//     name its nodes. Package recipe says how programs of queues and barriers report.
//  4. A program writes to an outside resource with [client.Proc.Use], and passes its token.
//  5. The recipes of package client say all this themselves.
//
// A program that declares nothing is judged by its marks ([client.Proc.Mark]), if it makes some.
//
// # What is checked
//
// Every run has all checks of the fuzzer, of the ensemble and of the history (package fuzz). For a
// program that declares what it is, these are added (package promise has the exact rules):
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
// A client that is paused or cut off cannot know that its session is over. So a belief that outlives
// its session is counted, but is no failure. With Fenced, it is a failure if a resource accepts a
// late write.
package fuzztest
