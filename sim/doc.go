// Package sim is the simulated world that everything else runs in. It has virtual time in
// microseconds, seeded random choices, machines that crash and lose power, connections that break
// as TCP connections do, and disks that lose what no fsync has made durable. A fault is a value: it
// can be listed, printed and read. The package does not depend on any protocol.
//
// A [Program] is a state machine: [Program.Step] takes one [Event] and appends the [Effect]s that
// it wants. A [World] holds the machines that programs run on, hands out events in time order, and
// carries out the effects. A [Fault] comes from a function ([Crash], [Split], ...) or from a line
// of a plan ([ParseFault]).
//
// # Contract
//
// What a program must do:
//
//  1. A program must depend on its events alone: not on a clock, a global random number or map
//     order.
//  2. [Program.Deadline] must return the time at which the program next wants a [Wake] event, by
//     the clock of its machine.
//  3. A program must never change a [Message] that it has sent, or bytes that it has written.
//  4. A program must give each [Dial] a new connection number: its first Dial takes the Conn of its
//     [Boot] event plus 1, its second Dial the Conn plus 2, and so on.
//  5. A program must rely on a write only after it has got an [Fsynced] event. To make the bytes of
//     a file durable, fsync the file; to make its name durable, fsync the directory, whose name is
//     "".
//
// What the world does:
//
//  6. Equal seeds, programs and plans give equal runs: [World.Fingerprint] is equal on every host.
//  7. Events happen in the order of their times. Events with the same time happen in the order in
//     which they were queued. A program gets one event at a time, with the time of its machine's
//     clock, and its effects are carried out in order before anything else happens. A run ends with
//     an error after 10,000 events at the same time.
//  8. The latency of the k-th message on a link depends on the seed, the link and k alone.
//  9. A connection is FIFO until it breaks. When a process dies, its peers see the connections
//     break after the last message; when a machine loses power, they see nothing. After a [Dial]
//     the program gets [Connected] or [Refused], at the latest when the Span of the dial is over.
//  10. A cut holds messages back, and a heal delivers them in order, as TCP does by retransmission.
//     If the sender loses power before the heal, the messages that were held back are lost.
//  11. What a program has written survives the death of its process. It survives a loss of power
//     only after an fsync, which completes even if the process has died.
//  12. A paused machine handles nothing. Events that arrive in the meantime are handled in order
//     when it resumes.
//  13. A fault that is impossible when it is due, such as the restart of a running machine, ends
//     the run with an error. If [Config].Lenient is true, the run continues, and the records get a
//     note about the fault.
//
// # A fault, from its line to its record
//
// These functions, in this order, turn the line "at S1 fsync 3 crash S1" into a crash:
//
//  1. [ParseFault] in fault_text.go: reads the line of a fault
//  2. [parseWhen] in fault_text.go: reads the trigger, here the third fsync of S1. A trigger may
//     also say at which time or event the count begins ("after 5s")
//  3. [World.Schedule] in fault_inject.go: puts a fault that has a fixed time into the queue; a
//     fault that waits for an event, as this one does, goes to schedule.arm
//  4. [schedule.arm] in fault_schedule.go: keeps a fault that waits for an event
//  5. [schedule.observe] in fault_schedule.go: counts the fsyncs of S1; at the third one the fault
//     is due
//  6. [World.Next] in world.go: takes the next entry from the queue
//  7. [World.handle] in world.go: hands an entry to a machine, to the network, or to World.fire
//  8. [World.fireDue] in fault_inject.go: after a step, fires the faults that have become due
//  9. [World.fire] in fault_inject.go: carries out a fault; if the fault is impossible, ends the
//     run or records a note
//  10. [World.enact] in fault_inject.go: finds the kind of the fault in the table of fault_kinds.go
//  11. [crash] in fault_apply.go: checks that S1 is up, records the fault and stops S1
//  12. [World.recordFault] in fault_apply.go: records the fault, and marks the fault as the cause
//     of the records that follow
//  13. [timeline.emit] in timeline.go: numbers the record and mixes it into the fingerprint
//  14. [Machine.stop] in machine.go: ends the process
//  15. [network.abandon] in network.go: resets the connections of the machine
//
// To add a kind of fault, add it to the constants and constructors of fault.go and to the table of
// fault_kinds.go, and write the function that carries it out in fault_apply.go.
//
// # Decisions
//
//   - Each random choice is computed from the seed and a key, such as the link and the number of
//     the message, not taken from one stream of random numbers. So removing a fault from a plan
//     changes only what that fault caused.
//   - Messages travel whole: no program reads part of a message. To model partial reads,
//     send the bytes of a message in several messages.
//   - An fsync of a new file does not make the file's name durable. POSIX allows this, but on ext4
//     it is rarely seen.
//   - A failed fsync leaves the bytes in the page cache, where a later fsync may still save them.
//     Some kernels mark the pages clean after a failed fsync, and then a later fsync saves nothing.
//     A program that ends itself on [DiskFailed] sees no difference.
//   - A [Disk] is a value without a reference to its machine, so that a search can copy it. The
//     network knows machines by number only, so that a test can run the network alone.
package sim
