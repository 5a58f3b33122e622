// Package host runs one server of the lab on a real machine: on sockets, files and a clock, with
// the same program that the simulated world runs ([server.Server]), unchanged.
//
// It is not a product, and does not replace ZooKeeper: servers do not authenticate each other,
// nothing is encrypted, and the members of the ensemble are fixed. It shows that the engine works
// outside of the simulation.
//
// # Contract
//
//  1. [Start] reads a server's files, opens its two ports, and starts it. One goroutine owns the
//     program: other goroutines read sockets, write sockets and fsync files, and post events to it.
//     [Server.Do] runs a function there between two events.
//  2. Effects on files are carried out in the order in which the program appended them. An fsync
//     that is complete becomes an event. While one fsync runs, the program collects the records
//     that come, and so they share the next fsync.
//  3. When a write, an fsync or another change of a file fails, the server stops with an error that
//     names the file and the cause. Nothing is tried again: after a failed fsync, nobody knows what
//     the disk holds. What was acknowledged before is on the disks of a quorum.
//  4. Messages on a connection arrive in order, or the connection breaks and both ends learn of it.
//     On [zab.PortElection] and [zab.PortQuorum], a server sends first who it is and whom it looks
//     for; a wrong answer, like a malformed message, closes the connection and is worth one line of
//     the log.
//  5. A suspended or starved process expires nobody: the server's clock gives up the time by which
//     a timer was late, if that is more than [MaxLag].
//  6. [Limits] has what a client may use; a client beyond these is disconnected with a line in the
//     log, or made to wait. The limits are of one connection or one address, not of the server.
//  7. [Server.Stop] ends the server in order. [Server.Kill] ends it as SIGKILL would: what was not
//     written yet is lost, and nobody is told.
//
// # Files
//
// The folder of a server has the files of package zab (storage.go), and three of this package:
// server (the server's number, so that no server starts with the files of another), starts (how
// often it has been started, which makes the ids of its sessions unique) and lock (held while the
// server runs). A server does not begin a history unless it is told to: after the loss of a disk, a
// server that began anew would vote as if nothing had ever been committed. See [Begin].
//
// # Measured
//
// TestBeside measures three servers beside three of Apache ZooKeeper 3.8, with the same clients.
// On two busy processors of an AMD EPYC, files on ext4, loads of 1 session, of 64, and of 64 with
// 8 goroutines each, these servers did 4.1, 5.5 and 13 times as many setData, and 4.0, 3.1 and 2.5
// times as many getData. An acknowledged setData took 2.98, 0.127 and 0.037 fdatasyncs of all
// three servers together (Apache: 2.82, 0.175, 0.214). Their peak memory was 130 MB for all three,
// and Apache's 1016 MB; 19 MB of each server are pages of the program's file, which the three
// share. After the leader was killed, a write was acknowledged after 0.35 s (1.24 s), in the
// median of five.
//
// # Decisions
//
// The servers' messages have an encoding of their own (package wire), so these servers form no
// ensemble with servers of Apache.
//
// The program keeps the records since its third last snapshot in memory. With [Config].SnapCount
// 10,000, which is a tenth of ZooKeeper's, that is at most 40,000 records, however long they are.
//
// # Not bounded yet
//
// A hostile client, or a peer that breaks the protocol, can still end a server: with values of 1 MB
// the records in memory take gigabytes; a transaction may be longer than its request (an ACL of
// scheme auth stands for all identities of the connection; the end of a session names all of its
// ephemeral nodes), and one over 64 MB reaches no follower; more than 256 MB that wait for a slow
// peer break its connection, so a large tree needs a fast link; and a well-formed message that is
// not due fails an assertion of the program.
package host
