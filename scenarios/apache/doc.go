// Package apache runs a private ensemble of Apache ZooKeeper servers on loopback: Debian's package
// zookeeper, started with java from temporary directories.
//
// # Contract
//
//  1. [Find] says in one line what is missing, and which package brings it.
//  2. [Start] returns when the ensemble serves, or with an error and nothing left behind.
//  3. Every way from one server to another leads through a [Relay]; [Ensemble.Cut] and
//     [Ensemble.Mend] open and shut it in one direction. What is cut is silent, as a lost cable is:
//     bytes wait, and connections stay open until somebody's patience ends.
//  4. [Ensemble.Kill] is SIGKILL, [Ensemble.Pause] SIGSTOP and [Ensemble.Resume] SIGCONT of a
//     server's process.
//  5. After [Ensemble.Close] there is no process, port or directory left. If the lab itself is
//     killed, the kernel kills the servers, and the next Start removes their directories.
//
// An [Engine] plays documents on such an ensemble, through a real client. A client's connections lead
// through relays of its own, which know its packets: so the history has the zxids that the library keeps
// to itself, and an answer can be held on the wire. The messages between servers are read where they
// pass, votes and all ([Engine.Packets]); transactions are read from the servers' logs.
//
// # Decisions
//
// What is not there to be had is said, never passed over: slow disks, clocks of another speed, and a
// machine that loses power. A process that is killed loses nothing that it has written.
//
// The client library is made to do two things as ZooKeeper's own does them: a session that has expired
// is not followed by another one, and what could not be sent is sent when there is a server again.
//
// Each server has a configuration of its own, in which the others have the addresses of its relays.
// A server tells its own address when it connects for an election, so that the other side can call
// back; the relay puts its own there instead, or the call would go around it.
//
// Ports are drawn below the range from which the kernel takes ports for outgoing connections.
// Nobody can reserve a port for another process, so a start that fails is tried once more with
// others.
package apache
