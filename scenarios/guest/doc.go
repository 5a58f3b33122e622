// Package guest runs any Go server that compiles for wasip1 on a machine of a world of package sim.
// Faults crash, pause, slow or cut off the server, and make its disk fail, like the lab's own
// servers. Plans, records and fingerprints work unchanged.
//
// The server is a separate program, which uses package guest/machine; guest/counter is an example
// to copy. [Build] builds it, [Open] compiles it, [Host.Join] gives a world a [Group] of guests,
// and [Group.Add] adds a machine that runs the program. Each start of a machine gets a new instance
// of the program, whose disk holds what the world's disk holds.
//
// # Contract
//
//  1. Equal seeds, programs and plans give equal runs, as in package sim: an instance has one thread,
//     and all time and chance comes from its machine.
//  2. An instance runs only inside [sim.Program.Step], until every goroutine waits. No time passes
//     meanwhile. The next deadline of its timers is the program's Deadline.
//  3. A pause changes nothing in the instance. A fault that waits for a look at the clock ("at S1
//     looks 5 pause S1 3s") stops the program in the middle of its code, in the goroutine that
//     reads the clock. Events that arrive during the pause reach the program together at its end.
//     Those of one connection stay in order; the seed mixes those of different connections, as the
//     threads of a real process would after a pause.
//  4. When its machine goes down, the instance ends at once and has no further effect.
//  5. A program that exits or panics ends its process: see [Config.Ended].
//  6. [Group.Close] ends every instance. Use a Group, like its world, from one goroutine at a time.
//
// # Decisions
//
//   - Each start of a machine has its own instance, in wasm's command mode: only in this mode does
//     Go return to the host when all goroutines wait, and say when the next timer is due.
//   - An instance runs in a coroutine (iter.Pull), so that a host function can stop it anywhere. No
//     two run at once.
//   - Each Write of the program is one message. To let a plan name messages, [Config.Kind] looks at
//     their bytes.
package guest
