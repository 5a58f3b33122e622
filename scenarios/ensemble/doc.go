// Package ensemble puts coordination servers and their clients into one simulated world, holds
// every run against the audit, and keeps what was done as a history that can be judged.
//
// # Contract
//
//  1. [New] formats the servers and starts them at time 0. Add clients at any time with
//     [Ensemble.AddClient], start them, and let the world go on with [Ensemble.Run].
//  2. Call [Ensemble.Close] when done with it: it ends the programs of the clients.
//  3. A run ends at the first truth that does not hold. [Ensemble.Err] then is a [*Violation],
//     which names it, the step and the moment.
//  4. The same [Config], the same calls and the same plan give the same fingerprint, whether or
//     not records are kept.
//  5. Everything that a server or a client does becomes a record of the world
//     ([sim.Record]) with a body of this package that says what it was. Bodies are made only when
//     records are kept.
//  6. [Ensemble.History] is what the clients asked and were told, in world time, with the closing
//     of sessions by the ensemble as operations of its own.
//
// # What is checked at every event
//
// All of package safety (from the disks, not from anybody's word), and above it: equal trees at
// equal zxids (StateAtZxid, ZAB.md L5), no answer from a server that is not established
// (NoServiceUnlessEstablished, L8), ephemeral nodes only of sessions that live
// (EphemeralLifetime), no session expired before its time on the leader's clock (NoEarlyExpiry), no
// request of a session that takes effect twice, or behind a later one (FIFOClientOrder), and the end
// of a session whose client is dead proposed in time (ExpiryInTime).
//
// ExpiryInTime asks at a deadline, and no step pays for it while nobody is dead. It cannot be asked
// of clients that live and are cut off, whose last word nobody outside the network can date; nor
// while a fault lasts that may hold up a word or a clock. [Ensemble.AtRest], once all is healed, wants
// every session over whose client is not there, however it was lost.
//
// What no check here can see, clients see: TestPlantedFaultsAreNoticed plants one fault after the
// other in a server and asserts who notices, and in which order.
//
// # Decisions
//
// The reference for StateAtZxid is the first replica that applies a committed transaction; safety
// sees to it that all of them apply the same one. A separate reference machine would also catch a
// fault that every replica shares, which is what linearizability is for: its models share no code
// with tree.
package ensemble
