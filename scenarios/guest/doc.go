// Package guest makes any Go server that compiles for wasip1 a machine of a world of package sim: it
// is crashed, paused, slowed, cut off, and its disk fails, as the lab's own servers are. Plans,
// records and fingerprints work unchanged.
//
// The server is a program of its own, written against package guest/machine; guest/counter is one to
// copy. [Build] builds it, [Open] compiles it, [Host.Join] gives a world a [Group] of guests, and
// [Group.Add] adds a machine that runs the program. Each start of a machine gets a new instance of
// the program, whose disk holds what the world's disk holds.
//
// # Contract
//
//  1. Equal seeds, programs and plans give equal runs, as in package sim: an instance has one thread,
//     and all time and chance comes from its machine.
//  2. An instance runs only inside [sim.Program.Step], until every goroutine waits. No time passes
//     meanwhile. The next deadline of its timers is the program's Deadline.
//  3. A pause leaves the instance as it is. A fault that waits for a look at the clock ("at S1 looks 5
//     pause S1 3s") falls in the middle of its code, in whatever goroutine looks. Events that arrived
//     during a pause reach the program together, those of one connection in order, and the
//     connections mixed by the seed, as the threads of a process that goes on would see them.
//  4. When its machine goes down, the instance ends at once and has no further effect.
//  5. A program that exits or panics ends its process: see [Config.Ended].
//  6. [Group.Close] ends every instance. Use a Group from one goroutine at a time, as its world.
//
// # Decisions
//
//   - One instance for each start of a machine, and wasm's command mode: only there does Go return to
//     the host when all goroutines wait, and say when the next timer is due.
//   - An instance runs in a coroutine (iter.Pull), so that a host function can stop it anywhere. No
//     two run at once.
//   - Each Write of the program is one message. To let a plan name messages, [Config.Kind] looks at
//     their bytes.
package guest
