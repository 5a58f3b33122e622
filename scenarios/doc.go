// Package scenarios plays documents: Markdown whose Mermaid sequence diagrams run. Each arrow is
// carried out or awaited on a simulated ensemble, and gets a verdict: as drawn, later (with what
// lay between and is not drawn), different (with what came instead) or never.
//
// # Contract
//
//  1. [script.Compile] says what every arrow and note of a document means, or where it means nothing. An
//     error about the document is a [*diagram.Error].
//  2. [Replay] plays it, with one seed or many, on as many processors as there are; what comes out
//     depends on the document, the options and the seeds alone.
//  3. A diagram goes on where the one before it ended, unless it says fresh. It begins when the
//     servers serve and the clients are connected, each to its own server; one that begins with
//     the servers' own messages begins when they start.
//  4. What a drawing does (a call, a fault, a wait) is done in the order in which it is drawn, each
//     when the one before is done: a write when it is committed, a read when it is answered. What
//     is expected is awaited, together with what stands directly behind it, for
//     [ensemble.Ensemble.GiveUp] at most. The branches of a par begin together.
//  5. An answer is for the client's oldest call without one; a watch event is used up by the arrow
//     that shows it.
//  6. Every run is judged: [judge.CheckInvariants] at every event, the others at the end of each diagram,
//     and [judge.CheckLive] behind the last of each world, when what the document covers is over and
//     fingerprinted.
//  7. With several seeds an arrow's verdict is its worst, and Counts has them all.
//
// # Decisions
//
// A thing is late when its transaction came out of something that is not drawn (the end of a
// session), or when the servers elected, or its client connected, in the time between it and what
// enabled it. Which transaction it was is known by its zxid, so nothing is guessed from times.
//
// An answer that only tells that a watch is set is claimed last: drawings seldom show it, and the
// next answer to that client would be taken for it.
//
// An alt takes the branch whose first expectations come true. One that begins with anything else is
// the branch for all other cases; where no branch begins with an expectation the seed chooses.
//
// "The leader" in a fault is waited for. A drawing that crashes the leader means one that leads.
package scenarios
