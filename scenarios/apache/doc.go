// Package apache runs a private ensemble of Apache ZooKeeper servers on loopback: Debian's package
// zookeeper, started with java from temporary directories.
//
// # Contract
//
//  1. [Find] returns an error of one line that names what is missing and the package to install.
//  2. [Start] returns when the ensemble serves clients, or fails and leaves no process or file.
//  3. Every connection from one server to another goes through a [loopback.Relay]. [Ensemble.Cut]
//     stops one direction between two servers and [Ensemble.Mend] reopens it.
//  4. [Ensemble.Kill], [Ensemble.Pause] and [Ensemble.Resume] send SIGKILL, SIGSTOP and SIGCONT to
//     a server's process.
//  5. After [Ensemble.Close] no process, port or directory is left. If the lab itself is killed,
//     the kernel kills the servers, and the next Start removes their directories.
//
// An [Engine] plays documents on an ensemble, through the client library
// github.com/go-zookeeper/zk. A client's connections go through relays that parse the client's
// packets. So the history has the zxids that the library hides, and a relay can delay an answer.
// The relays between servers read the servers' messages, votes included ([Engine.Packets]).
// Transactions are read from the servers' logs.
//
// With a [Hold], an ensemble is one whose messages wait until they are released, and whose servers
// elect nobody until [Ensemble.Elect]: package steps plays the steps of a small world on it.
//
// # Decisions
//
//   - Some faults are impossible on real processes: slow disks, clocks at a different speed, a loss
//     of power. The engine reports such a fault as not injected; it never ignores one silently. A
//     killed process loses nothing that it has written.
//   - The client library is adapted to behave like ZooKeeper's own in two respects: an expired
//     session is not replaced, and a request made while no server is reachable waits until a server
//     is reachable.
//   - The configuration of each server has, for each other server, the address of the relay to that
//     server instead of the server's own address. A server that connects for an election announces
//     its own address, so that the other side can call back. The relay replaces the announced
//     address by the address of the relay for the opposite direction; otherwise the connection back
//     would bypass the lab.
package apache
