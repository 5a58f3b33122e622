// Package host runs one server of the lab on a real machine, with real sockets and files and a real
// clock. The server's program ([server.Server]) is the one that the simulation runs, unchanged.
//
// It is not a product, and does not replace ZooKeeper: servers do not authenticate each other,
// nothing is encrypted, and the members of the ensemble are fixed. It shows that the engine works
// outside of the simulation.
//
// # Contract
//
//  1. [Start] reads a server's files, opens its two ports, and starts it. Only one goroutine calls
//     the server's program: other goroutines read sockets, write sockets and fsync files, and send
//     events to this goroutine. [Server.Do] runs a function in this goroutine, between two events.
//  2. Effects on files are carried out in the order in which the program returned them. When an
//     fsync is complete, the program gets an event. Records that arrive while an fsync runs share
//     the next fsync.
//  3. When a write, an fsync or another change of a file fails, the server stops with an error that
//     names the file and the cause. Nothing is tried again: after a failed fsync, nobody knows what
//     the disk holds. What was acknowledged before is on the disks of a quorum.
//  4. Messages on a connection arrive in order, or the connection breaks and both ends learn of it.
//     A server that opens a connection to [zab.PortElection] or [zab.PortQuorum] first sends its
//     own number, the number of the server that it wants to reach, and a hash of the ensemble's
//     members. If one of these is wrong, or a later message is malformed, the connection is closed
//     and a line is logged.
//  5. A suspended or starved process does not make sessions expire: if a timer is late by more than
//     [MaxLag], the server's clock leaves out the time by which the timer was late.
//  6. [Limits] bounds what clients may use. A client that exceeds a limit is disconnected, with a
//     line in the log, or has to wait. Each limit applies to one connection or one IP address,
//     except Sessions, which applies to the ensemble.
//  7. [Server.Stop] shuts the server down cleanly. [Server.Kill] ends it as SIGKILL would: data
//     that is not written yet is lost, and the clients and other servers are not notified.
//
// # Files
//
// The folder of a server has the files of package zab (storage.go), and three of this package:
// server (the server's number, so that no server starts with the files of another), starts (how
// often it has been started, which makes the ids of its sessions unique) and lock (held while the
// server runs). A server without files starts only if [Config].Begin allows it: a server that has
// lost its disk, and started with an empty history, would vote as if nothing had ever been
// committed. See [Begin].
//
// # Measured
//
// TestBeside measures three servers of the lab and three of Apache ZooKeeper 3.8, with the same
// clients, on two busy processors of an AMD EPYC, with the files on ext4. The loads are 1 session,
// 64 sessions, and 64 sessions with 8 goroutines each. Under these loads, the lab's servers
// completed 4.1, 5.5 and 13 times as many setData requests as Apache's, and 4.0, 3.1 and 2.5 times
// as many getData requests. For each acknowledged setData, the three servers together made 2.98,
// 0.127 and 0.037 fdatasync calls (Apache: 2.82, 0.175 and 0.214). The peak memory of the three
// servers adds up to 130 MB (Apache: 1016 MB). In this sum, 19 MB of the executable's pages count
// three times, once for each server, although the servers share these pages. After the leader was
// killed, the first write was acknowledged after 0.35 s (Apache: 1.24 s), the median of five
// measurements.
//
// # Decisions
//
// The servers encode their messages in a format of their own (package wire), so they cannot form an
// ensemble with Apache ZooKeeper servers.
//
// The program keeps in memory all log records since its third-to-last snapshot. With the default
// [Config].SnapCount of 10,000, a tenth of ZooKeeper's, that is at most 40,000 records. The size of
// the records is not limited.
//
// # Not bounded yet
//
// A hostile client, or a peer that breaks the protocol, can still bring a server down. With values
// of 1 MB, the records in memory take gigabytes. A transaction may be longer than its request: an
// ACL of scheme auth is replaced by all identities of the connection, and the transaction that ends
// a session lists all of its ephemeral nodes. A transaction over 64 MB cannot be sent to a
// follower. If more than 256 MB wait for a slow peer, its connection is closed, so a large tree
// needs a fast link. A well-formed message that the protocol does not allow at that point fails an
// assertion and stops the server.
package host
