// Package promise judges what recipes promise: locks, elections, queues and barriers. It compares
// what programs said of themselves ([lin.Mark]) with the nodes that existed at that moment
// ([lin.Life]), and with their calls. It knows the recipes only from their documentation.
//
// An office is a lock or a leadership: only one program at a time may hold it (or several readers,
// if the lock is a read-write lock). A client that is cut off cannot know that its session is over.
// So a program breaks no promise if it believes that it holds an office although its node is gone;
// [Figures] measures how long such a belief lasts. If two programs hold an office while both their
// nodes exist, the recipe or the ensemble is wrong.
//
// # What is checked
//
// Locks and leaderships (offices) with different paths are different offices: a leader of /leader
// and a primary of /primary do not exclude each other. The holder of a lease ([lin.Lease]) excludes
// nobody: only StopsInTime judges leases. The cases in the table are those of TestNeighbours.
//
//	MutualExclusion   no two programs hold an office at one instant while the nodes of both exist
//	ReadersWriters    the same for an office that readers share: a reader excludes only writers
//	InOrder           before a program holds an office by a numbered node, it has waited for all
//	                  earlier nodes that exclude it; no program waits for a later node. If the
//	                  oldest node holds the office (ByAge), its age counts instead of a number
//	OwnNode           a program holds an office, or passes a barrier, by a node of its own session
//	OwnRelease        an office's node is deleted by its owner, which holds the office no longer,
//	                  or when its owner's session ends; the owner's next process may delete it too
//	StepsDown         a holder lets go when its client learns that its session is over: in the same
//	                  step, or, if it is at work, when it looks next (Looks of its mark); a careful
//	                  holder even when its client loses its connection
//	FreshToken        a holder in a line has a fencing token; tokens grow from holder to holder
//	TakenOnce         an item of a queue is taken once, by the program whose session deleted it
//	PutOnce           a put makes one item; without an answer, one or none; if it fails, none
//	NothingLost       the program that deletes an item says that it took it, or perhaps took it;
//	                  the items of a program that dies before it is answered are lost
//	OldestFirst       no item is taken while an earlier one is in the list that its taker has read
//	BarrierSize       nobody passes a barrier before Size programs have been in it at one moment
//	BarrierLeave      nobody leaves a barrier while another is inside and does not want to leave,
//	                  unless the other entered later
//	Progress          after the last fault ([lin.FaultFree]), a connected program acquires a free
//	                  office, takes an item, and passes a barrier within the bound
//	FencedInOrder     a resource that is declared to be fenced accepts no write after one of a later
//	                  holder, and none of a program that holds nothing
//	WritesInOrder     a node that only holders write (Guards) is not written with the token of a
//	                  holder after a write with that of a later one
//	StopsInTime       a holder of a lease lets go when it has tried in vain for as long as it
//	                  promised (Renews), by its own clock, to renew the lease
//	MarksInOrder      a program says that it ends only what it has begun, and its client believes
//	                  that it leads only while a program holds an office: the other checks rely on
//	                  what programs say
//
// # Declared programs
//
// A program may declare which recipe it implements, for example a lock (package recipe). The marks
// that the program records (such as "holds") then do not have to name its nodes. The promises of
// such a program are judged as follows:
//
//   - MutualExclusion: a program counts as a holder from the moment when it begins to believe that
//     it holds the office. It no longer counts when it gives up this belief, or when the session
//     ends in which the belief began. A belief that outlasts the session is no breach, because the
//     program cannot know that its session has ended.
//   - FencedInOrder: once a resource has accepted a write of a later holder of an office, it must
//     accept no write of a program that only believes that it still holds the office.
//   - Progress: a program that waits for a free office must get the office. An office (a lock or a
//     leadership) is free while no program with a living session believes that it holds this
//     office.
//   - Queues and barriers: a program may choose the names of its items in a queue. A barrier is
//     judged by the marks of its programs, not by their nodes.
//
// # What is not checked
//
// The package does not check whether readers and writers are served fairly, beyond the order of
// their tickets (numbered nodes in a waiting line). Progress needs a run that continues after its
// faults are healed. At the end of every run, the simulated engine also looks for programs that
// wait for an event that cannot come (NoStuckWaiter).
package promise
