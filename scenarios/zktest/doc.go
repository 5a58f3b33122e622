// Package zktest gives a Go test a ZooKeeper ensemble that loses its leader when told to, with the
// same outcome each time.
//
// The servers are simulated. The program under test uses its usual client library, unmodified:
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
// In a bubble of testing/synctest, time is virtual: a session that expires after 30 s costs
// milliseconds. The run then depends on the seed alone, unless the test itself depends on the order
// in which its goroutines run. Outside a bubble, the ensemble runs in real time. For a program in a
// process of its own, [Ensemble.Listen] serves TCP on loopback.
//
// When the test ends, two independent checkers, porcupine and the lab's own package witness, check
// what the clients called and received. If a check fails, or the test has failed, the log shows the
// seed, the faults and the last operations of the clients. The test's artifact folder then has two
// files: run.ndjson is the trace of the run, and run.inputs has everything that the simulated
// servers received, so that zablab replay can play the run again.
//
// # Faults that nobody thought of
//
// [Fuzz] runs a test a hundred times, each time with a new ensemble and with faults that it picks
// at random. It shrinks the first list of faults with which the test fails:
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
// Suppose that the shop in this example repeats an order if the answer was lost, and does not check
// whether the order exists. Then the test fails in 12 of 100 runs, because there are 11 orders
// instead of 10. One fault is enough, and Fuzz prints it: "1.343s pause LEADER 4436237us".
//
// A test of this package fuzzes Lock of the client library go-zookeeper/zk in the same way. After
// three splits, both clients wait for ever for a node that Lock has not deleted
// (github.com/samuel/go-zookeeper/issues/229). If the clients open a new session after each error
// of Lock, no two clients hold the lock at the same time in any of 2,000 runs.
//
// Another test plays such plans of faults in real time on kazoo 2.8.0, the ZooKeeper client library
// for Python, over TCP: in 100 plans for its Lock and 100 for its Election, no two clients had the
// lock at the same time, and all clients got it again after the last fault.
//
// # Contract
//
//  1. Start returns when all servers serve. The test's cleanup ends the ensemble.
//  2. Faults happen immediately: a method that makes a fault returns when the fault has happened,
//     and does not wait for its consequences. A fault that is impossible at that moment ends the
//     test.
//  3. All methods may be called from several goroutines. The scheduler decides which of two
//     simultaneous calls is first: order them in the test if the run must be repeatable.
//
// # Decisions
//
// Each client is a machine of the simulated world, so a fault can name a client. After
// e.Fault("pause worker 5s"), the ensemble gets no messages from the client worker for 5 s, as in a
// long garbage collection, although the program itself continues.
//
// The lab checks the state of the servers after every event. So if all these checks pass and only a
// check of the clients' history fails, the cause is probably in the client library or in the
// program. The log then says so.
package zktest
