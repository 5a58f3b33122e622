// Package sim is the world that everything else runs in: virtual time in microseconds, seeded
// chance, machines that crash and lose power, connections that break as TCP's do, disks that lose
// what was not synced, and faults as data. It knows no protocol.
//
// # Contract
//
//  1. Equal seeds, programs and plans give equal runs: [World.Fingerprint] is equal on every host.
//  2. Events happen in the order of (time, sequence). A program sees one at a time, with its own
//     machine's clock, and its effects are carried out in order before anything else happens.
//  3. What the k-th message on a link draws depends on the seed, the link and k alone.
package sim
