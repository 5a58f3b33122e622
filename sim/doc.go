// Package sim is the world that everything else runs in: virtual time in microseconds, seeded
// chance, machines that crash and lose power, connections that break as TCP's do, disks that lose
// what no fsync has made durable, and faults as data. It knows no protocol.
//
// A [Program] is a state machine: [Program.Step] takes one [Event] and appends the [Effect]s that
// it wants. A [World] holds the machines that programs run on, hands out events in the order of
// time, and carries the effects out. A [Fault] is made by a function ([Crash], [Split], ...) or
// read from a line of a plan ([ParseFault]).
//
// # Contract
//
// What a program must do:
//
//  1. Be a function of its events: read no clock, no global chance, no map order.
//  2. Return from [Program.Deadline] when it next wants a [Wake], by its machine's clock.
//  3. Never change a [Message] that it has sent, nor bytes that it has written.
//  4. Give each [Dial] a connection number of its own, counted from the one in its [Boot] event.
//  5. Rely on a write only after [Fsynced]: for its bytes, that of the file; for its name, that of
//     the directory ("").
//
// What the world does:
//
//  6. Equal seeds, programs and plans give equal runs: [World.Fingerprint] is equal on every host.
//  7. Events happen in the order of (time, sequence). A program sees one at a time, with its own
//     machine's clock, and its effects are carried out in order before anything else happens. A run
//     with 10,000 events at one instant ends with an error.
//  8. The latency of the k-th message on a link depends on the seed, the link and k alone.
//  9. A connection is FIFO and breaks. When a process dies, its peers see the connections break
//     after the last message; when a machine loses power, they see nothing. A [Dial] ends at its
//     Span at the latest, [Connected] or [Refused].
//  10. A cut holds messages back, and a heal delivers them in order, as a kernel that retransmits
//     does. If the sender loses power in between, they are lost.
//  11. What a program writes survives its own death at once, and a loss of power after an fsync. An
//     fsync completes even if its process has died.
//  12. A paused machine handles nothing. Events that arrive in the meantime are handled in order
//     when it resumes.
//  13. A fault that is impossible at its moment is an error, or a note in a Lenient world.
//
// # A fault, from its line to its record
//
// Read these in order to see how the line "at S1 fsync 3 crash S1" becomes a crash:
//
//  1. [ParseFault] in fault_text.go: reads when, what and whom
//  2. [parseWhen] in fault_text.go: the third fsync of S1
//  3. [World.Schedule] in fault_inject.go: puts the fault into the queue, if it has a moment
//  4. [schedule.arm] in fault_schedule.go: or keeps it until its event
//  5. [schedule.observe] in fault_schedule.go: counts the event, and makes the fault due
//  6. [World.Next] in world.go: takes the next entry from the queue
//  7. [World.handle] in world.go: hands it to a machine, to the network, or to fire
//  8. [World.fireDue] in fault_inject.go: after a step, fires what has become due
//  9. [World.fire] in fault_inject.go: turns an error into the end of the run, or into a note
//  10. [World.enact] in fault_inject.go: finds the kind of the fault in the table of fault_kinds.go
//  11. [crash] in fault_apply.go: checks that S1 is up, records the fault and stops S1
//  12. [World.recordFault] in fault_apply.go: makes the record, as the cause of what follows
//  13. [timeline.emit] in timeline.go: numbers the record and mixes it into the fingerprint
//  14. [Machine.stop] in machine.go: ends the process
//  15. [network.abandon] in network.go: resets its connections
//
// To add a kind of fault, add it to the constants and constructors of fault.go, to the table of
// fault_kinds.go, and add the function that carries it out to fault_apply.go.
//
// # Decisions
//
//   - Chance is keyed rather than taken from one stream, so that removing a fault from a plan
//     changes only what that fault caused.
//   - Messages travel whole: no program here reads part of one. To model partial reads, send bytes.
//   - An fsync of a new file does not make its name durable, as POSIX allows and ext4 rarely shows.
//   - A failed fsync leaves the bytes in the page cache, where a later one may still save them.
//     Kernels that mark them clean are worse; a program that ends on [DiskFailed] sees no
//     difference.
//   - A [Disk] is a value without a way back to its machine, and the network knows machines by
//     their numbers only, so that a search can copy the one and a test can run the other alone.
package sim
