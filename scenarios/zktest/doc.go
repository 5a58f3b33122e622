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
// # Faults that nobody thought of
//
// [Fuzz] runs a test under a hundred plans of faults that it draws, each with an ensemble of its own,
// and shrinks the first plan with which the test fails:
//
//	func TestOrders(t *testing.T) {
//		zktest.Fuzz(t, func(t testing.TB, e *zktest.Ensemble) {
//			shop := NewShop(e.Connect("shop")) // your program
//			for n := range 10 {
//				shop.Order(n)
//				time.Sleep(500 * time.Millisecond) // costs nothing
//			}
//			if n := shop.Count(); n != 10 {
//				t.Errorf("there are %d orders instead of 10", n)
//			}
//		})
//	}
//
// Suppose that this shop repeats an order whose answer was lost, without looking whether it exists:
// then there are 11 orders after 12 of 100 plans. One fault is enough, and Fuzz says which: "1.343s
// pause LEADER 4436237us".
//
// A test of this package fuzzes the lock of the client library in the same way. After three splits,
// both clients wait for ever for a node that Lock has not deleted
// (github.com/samuel/go-zookeeper/issues/229). If the clients open a new session after each error of
// Lock, no two hold the lock at once under any of 2,000 plans.
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
