// Package guest runs any Go server that compiles for wasip1 in the simulated world of package sim.
// Faults crash, pause, slow or cut off the server, and make its disk fail, as they do with the
// lab's own servers. Plans, records and fingerprints are the same, too.
//
// The server is a separate program, which uses package guest/machine; guest/counter is an example
// to copy. [Build] builds the program as a WebAssembly module, and [Open] compiles this module to
// machine code. [Host.Join] gives a world a [Group] of guests, and [Group.Add] adds a machine that
// runs the program. Each start of a machine makes a new instance of the program, which finds on its
// disk the files of the machine's simulated disk.
//
// # Contract
//
//  1. Equal seeds, programs and plans give equal runs, as in package sim: an instance has one thread,
//     and gets the time and all random numbers from its machine.
//  2. An instance runs only inside [sim.Program.Step], until all its goroutines wait. Virtual time
//     stands still during a step. The Deadline of the sim.Program is the earliest time at which one
//     of the instance's timers fires.
//  3. A pause changes nothing in the instance. A fault that waits for a read of the clock ("at S1
//     looks 5 pause S1 3s") stops the program in the middle of its code, in the goroutine that
//     reads the clock. Events that arrive during the pause reach the program together when the
//     pause ends. Events of one connection keep their order. Events of different connections come
//     in a random order, which follows from the seed: the threads of a real process, too, may
//     handle them in any order after a pause.
//  4. When its machine goes down, the instance ends at once and has no further effect.
//  5. A program that exits or panics ends its process: see [Config.Ended].
//  6. [Group.Close] ends every instance. Use a Group, like its world, from one goroutine at a time.
//
// # Decisions
//
//   - Each start of a machine gets its own instance of the WebAssembly module. The instance runs in
//     wasm's command mode, because only in this mode does Go return to the host when all
//     goroutines wait, and tell the host when the next timer is due.
//   - An instance runs in a coroutine (iter.Pull), so that a host function can stop it anywhere. At
//     most one instance runs at a time.
//   - Each Write of the program is one message. [Config.Kind] gets the bytes of a message and
//     returns its kind, by which a plan can name the message.
package guest
