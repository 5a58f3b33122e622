// Package sim is the world that everything else runs in: virtual time in microseconds, seeded
// chance, machines that crash and lose power, connections that break as TCP's do, disks that lose
// what was not synced, and faults as data. It knows no protocol.
//
// # Contract
//
//  1. Equal seeds, programs and plans give equal runs: [World.Fingerprint] is equal on every host.
//  2. Events happen in the order of (time, sequence). A program sees one at a time, with its own
//     machine's clock, and its effects are carried out in order before anything else happens.
//     10,000 events at one instant end the run.
//  3. What the k-th message on a link draws depends on the seed, the link and k alone.
//  4. A connection is FIFO and breaks. The death of a process is told to its other ends at once,
//     behind what was sent; the loss of power is told to nobody. A [Dial] ends at its Span at the
//     latest, Connected or Refused.
//  5. A cut keeps back what is sent, and a heal delivers it in order, as a kernel that sends again
//     does; if the sender's power is gone by then, nobody sends it again.
//  6. What a program writes survives its own death, and a loss of power only after a [Sync]: of the
//     file for its bytes, of the directory for its name. A sync ends even if its process has died.
//  7. A paused machine is told nothing. What came meanwhile comes in order when it goes on.
//  8. A fault that makes no sense now is an error, or a note in a world that is Lenient.
//
// # Decisions
//
//   - Draws are keyed rather than taken from one stream, so that a shrinker may take a fault away
//     and find the rest of the run as it was, up to what the fault had changed.
//   - Messages travel whole: no program here looks at half of one. One that does would need bytes.
//   - An fsync of a new file does not make its name durable, as POSIX allows and ext4 rarely shows.
//   - A failed fsync leaves the bytes in the page cache, where a later one may still save them.
//     Kernels that mark them clean are worse; a program that ends on [DiskFailed] sees no difference.
package sim
