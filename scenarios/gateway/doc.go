// Package gateway connects clients outside the lab, which speak ZooKeeper's protocol, to the
// simulated world.
//
// Each client is a machine of the world. The machine's program is a gateway: it connects to the
// servers, and forwards packets from the client to the servers and from the servers to the client.
// So the world's network, faults, records and checks treat the client like one of the lab's own
// clients.
//
// # Contract
//
//  1. An [Input] is an event from outside: a client joins, opens a connection, writes a packet or
//     closes a connection, or a user injects a fault. [World.Inject] hands an input to the world at
//     a moment of virtual time. An [Output] is an event for a client, such as a packet from a
//     server.
//  2. The world depends on its configuration and on the inputs alone, not on a clock: equal inputs
//     at equal moments give equal runs. The inputs can be written to a file ([Writer]) and played
//     again without the clients ([Replay]).
//  3. Inputs take effect in the order of the calls to Inject. The virtual time of an input is never
//     earlier than that of the input before it.
//  4. A packet that cannot be decoded closes its connection, as in ZooKeeper; it never ends the run.
//  5. The input [Check] is possible when every request is answered and no server lags
//     ([World.Settled]). The history since the last one is then checked in another goroutine, and the
//     ensemble forgets it. What is right is forgotten for good; what is not is kept, and from then on
//     everything. [World.Judge] returns the verdict about all of it.
//
// Package [github.com/zablab/zablab/scenarios/gateway/live] connects a World with real sockets and
// real time.
//
// # Decisions
//
// A machine stands for one client, not for one connection: a client that moves to another server
// stays the same machine, and a fault that names it acts on all its connections.
//
// Some client libraries give a request its number (xid) before they queue it, so requests may
// arrive with their numbers out of order. The gateway renumbers the requests in the order in which
// they arrive, and restores the original number in each reply. Without this, the lab's checks would
// report that the ensemble answers in the wrong order.
//
// A part of the history is forgotten only when both judges have found it right, and no watch event
// about it may still come. The witness then hands its own tree on to the next part, with the closed
// sessions, the watches that have not fired, and the newest zxid of each session, so that an answer in
// a later part is judged by all earlier ones. A read that shows a state from before its part is
// undecided, never right. What still grows: about 2 kB for each client that ever came. In a run whose
// records are kept for a trace, nothing is forgotten.
//
// The gateway passes on pings and SetWatches (the watches that a client sets again after it has
// reconnected), but leaves them out of the history, as the lab's own clients do. The history does
// contain the client's authentication (addAuth): the judges need it to know who may read a node.
package gateway
