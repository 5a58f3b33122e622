// Package apache runs a private ensemble of Apache ZooKeeper servers on loopback: Debian's package
// zookeeper, started with java from temporary directories.
//
// # Contract
//
//  1. [Find] says in one line what is missing, and which package to install.
//  2. [Start] returns when the ensemble serves, or fails without leaving any process or file.
//  3. Every connection from one server to another goes through a [Relay]. [Ensemble.Cut] shuts one
//     direction and [Ensemble.Mend] opens it. A cut is silent, like a pulled cable: bytes wait, and
//     connections stay open until a timeout ends them.
//  4. [Ensemble.Kill], [Ensemble.Pause] and [Ensemble.Resume] send SIGKILL, SIGSTOP and SIGCONT to
//     a server's process.
//  5. After [Ensemble.Close] no process, port or directory is left. If the lab itself is killed,
//     the kernel kills the servers, and the next Start removes their directories.
//
// An [Engine] plays documents on such an ensemble, through a real client. A client's connections go
// through relays that parse its packets. So the history has the zxids that the library does not
// show, and an answer can be held on the wire. The messages between servers, votes included, are
// read as they pass ([Engine.Packets]); transactions are read from the servers' logs.
//
// # Decisions
//
//   - Faults that are impossible on real processes are reported, never ignored: slow disks,
//     clocks at a different speed, a loss of power. A killed process loses nothing that it has
//     written.
//   - The client library is adapted to behave like ZooKeeper's own in two respects: an expired
//     session is not replaced by a new one, and a request without a server is sent once there is
//     one again.
//   - Each server has its own configuration, in which the other servers' addresses are those of its
//     relays. A server that connects for an election announces its address, so that the other side
//     can call back. The relay replaces that address by its own, or the call would bypass it.
//   - Ports are below the range that the kernel uses for outgoing connections. No process can
//     reserve a port for another, so a failed start is retried once with other ports.
package apache
