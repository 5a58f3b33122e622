// Package zktest gives a Go test a ZooKeeper ensemble that loses its leader when told to, with the
// same outcome each time.
//
// The servers are the lab's engine in the simulated world. The client is the one that the program
// uses anyway, unmodified:
//
//	func TestFailover(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			e := zktest.Start(t, zktest.Seed(7))
//			worker := NewWorker(e.Connect("worker")) // your program
//			e.Crash(e.Leader())
//			worker.MustLead()
//		})
//	}
//
// Inside a bubble of testing/synctest time is virtual: a session that expires after 30 s costs
// milliseconds, and a run depends on the seed alone, as far as the test itself has a fixed order.
// Outside a bubble the ensemble runs in real time. For a program in a process of its own,
// [Ensemble.Listen] serves TCP on loopback.
//
// When the test ends, both judges check what the clients called and received. If a check is broken,
// or the test has failed, the log has the seed, the faults and the operations, and the test's
// artifact folder has the trace of the run and the inputs that zablab replay plays again.
//
// # Contract
//
//  1. Start returns when all servers serve. The test's cleanup ends the ensemble.
//  2. Faults happen at once: the method returns when the fault has been made, not when its
//     consequences have come. A fault that is impossible now ends the test.
//  3. All methods may be called from several goroutines. Which of two calls at the same moment is
//     first is up to the scheduler: order them in the test if the run must be repeatable.
//
// # Decisions
//
// A client is a machine of the simulated world, so a fault can name it: e.Fault("pause worker 5s")
// looks to the ensemble like a long garbage collection; the program itself continues.
//
// The servers are checked at every event by the lab's audit. So if only a judge of the clients'
// history finds something, the client library or the program is the first suspect, and the log
// says so.
package zktest
