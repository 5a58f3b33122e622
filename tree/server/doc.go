// Package server is ZooKeeper's coordination server as a pure state machine. Each [Server] has a
// [zab.Peer], which agrees with the other peers on the order of transactions, and a [tree.Tree], to
// which the server applies the transactions. A server accepts the connections of clients, and sends
// each write to the leader, which makes a transaction from it. When the transaction is committed,
// the server that the client is connected to replies.
//
// A [Server] is a [sim.Program]: it takes an event and appends the effects that follow. It is also
// the [zab.App] of its peer.
//
// # Contract
//
//  1. Hand every event of the machine to Step, one at a time. Clients connect to the port
//     [zab.PortClient].
//  2. Make a new Server for every start of the process. It reads the disk once, in [New].
//  3. Clients are served only while the peer is in the phase BROADCAST. In any other phase, a
//     connection is closed as soon as it is accepted. When the peer leaves BROADCAST, all
//     connections are closed.
//  4. Requests on one connection are answered in the order in which they came. A read waits for the
//     writes and syncs before it. Then it is answered from the local tree.
//  5. A write goes to the leader, which turns it into a transaction. The leader checks the write
//     against the state in which the transaction will be applied; a refused write becomes an error
//     transaction. The transaction carries the id of the write's session and the number that the
//     client gave the write (the cxid). By these two, the server that the client is connected to
//     recognises the transaction when it applies it, and then replies to the client.
//  6. If a transaction fires a watch of a client, the server sends this client the watch event
//     before any reply that depends on the transaction.
//  7. Only the leader expires sessions, by its monotonic clock. It proposes a transaction that ends
//     the session. From then on it refuses every write of that session.
//  8. If a client has moved its session to another server, the leader refuses requests of this
//     session from the former server, which then closes the old connection.
//  9. The caller reads [Server.Tree] and [Server.Peer] between steps and changes nothing in them.
//
// # A write, from call to answer
//
// The list below follows one write: S1 is the leader, and client A, which is connected to follower
// S2, creates a node. Within a file, the functions are defined in the order in which the list names
// them, so that you can read each file from top to bottom; a test checks this. If the client is
// connected to the leader itself, [Server.submit] calls [Server.judge] directly.
//
// The client asks:
//
//  1. tree/client: [Proc.Create] in ops.go: called by the program of client A; fills in the
//     operation
//  2. tree/client: [Proc.Do] in ops.go: starts the call, then waits for its end (step 43 below)
//  3. tree/client: [Proc.Start] in ops.go: starts the operation without a watch
//  4. tree/client: [Proc.startWatching] in ops.go: creates the Call, with a watch if the caller
//     passes one
//  5. tree/client: [Client.start] in call.go: queues the call, connected or not
//  6. tree/client: [Client.flush] in call.go: numbers the request and sends it, if connected
//  7. tree/client: [Client.send] in link.go: appends the effect that sends the request
//
// S2 passes the request to S1:
//
//  8. [Server.Step] in server.go: hands events of clients' connections to onClient
//  9. [Server.onClient] in connection.go: finds the connection
//  10. [Server.onMessage] in connection.go: holds a request back until the session is open
//  11. [Server.onRequest] in pipeline.go: queues the write; later requests wait for it
//  12. [Server.submit] in pipeline.go: gives the write to S2's own peer (package zab), for the leader
//  13. zab: [Peer.Forward] in broadcast.go: sends the write to S1 as a REQUEST
//
// S1 checks the request and proposes a transaction:
//
//  14. zab: [Peer.onForwarded] in broadcast.go: S1's peer hands the REQUEST to S1's server
//  15. [Server.Forwarded] in pipeline.go: distinguishes a write from a query about a session
//  16. [Server.judge] in prep.go: takes the next zxid, and makes a transaction from the request
//  17. [prep.request] in prep.go: opens or closes a session, if the request demands that; otherwise
//     checks the request's session
//  18. [prep.checkSession] in prep.go: refuses a session that is over or has moved
//  19. [prep.one] in prep.go: calls the function for the operation
//  20. [prep.create] in prep.go: checks the node and its parent in the state that earlier proposals
//     will lead to, and records the change
//  21. zab: [Peer.Propose] in broadcast.go: sends PROPOSAL to the followers, and logs the
//     transaction
//
// A quorum has the transaction on disk, and S1 commits it:
//
//  22. zab: [Peer.onProposal] in broadcast.go: each follower logs the transaction
//  23. zab: [Peer.logEntry] in broadcast.go: asks the writer for an fsync
//  24. zab: [Peer.onLogged] in broadcast.go: the peer's log writer calls this function when the
//     transaction is on disk
//  25. zab: [Peer.ackLogged] in broadcast.go: a follower sends ACK
//  26. zab: [Peer.onAck] in broadcast.go: S1 receives the ACK
//  27. zab: [Peer.countAck] in broadcast.go: counts the voters that have acked the transaction
//  28. zab: [Peer.commit] in broadcast.go: sends COMMIT when a quorum has acked
//
// Every server applies the transaction, and S2 answers:
//
//  29. zab: [Peer.onCommit] in broadcast.go: takes the oldest pending transaction, which is now
//     committed
//  30. zab: [Peer.deliver] in broadcast.go: hands the transaction to the server
//  31. [Server.Deliver] in pipeline.go: decodes and applies the transaction
//  32. tree: [Tree.Apply] in apply.go: changes the tree, and fires the watches on the changed nodes
//  33. [Server.sendEvents] in pipeline.go: sends the watch events first
//  34. [Server.committed] in pipeline.go: finds the request from which the transaction was made
//  35. [Server.pump] in pipeline.go: answers the request, and the reads that waited for that answer
//  36. [Server.reply] in pipeline.go: sends the REPLY, with the last zxid that the server has
//     applied
//
// The client learns the answer:
//
//  37. tree/client: [Client.Step] in client.go: hands events of the connection to onLink
//  38. tree/client: [Client.onLink] in link.go: separates replies from watch events
//  39. tree/client: [Client.onReply] in call.go: takes the oldest pending call, to which the reply
//     belongs
//  40. tree/client: [Client.answered] in call.go: determines the outcome
//  41. tree/client: [Client.finish] in call.go: records the outcome in the Call
//  42. tree/client: [Client.runPrograms] in proc.go: resumes the programs whose wait is over
//  43. tree/client: [Proc.Await] in ops.go: returns the finished Call to Proc.Do, which returns it
//     to Proc.Create
//
// # Decisions
//
// As in ZooKeeper, a ping is answered only after the earlier requests of its session. So if a write
// is never committed, the client gets no answer to its ping, and tries another server. This could
// be avoided only if a server answered pings before earlier requests, which ZooKeeper does not do.
//
// If a client sends a sync to the leader itself, the sync waits for the outstanding proposals
// ([zab.Peer.LocalSync]). ZooKeeper's leader answers such a sync at once, like a read, so a sync
// promises at least as much here as in ZooKeeper. For a sync that a learner forwards, the leader
// does not check whether the session has moved to another server meanwhile: answering it does no
// harm, because a sync changes nothing.
//
// The leader keeps its sessions in one list, sorted by id, and goes through the whole list each
// time that a session expires. ZooKeeper keeps its sessions in buckets, by the time at which they
// expire. Sessions expire at the same times in both designs. With the list, extending a session
// moves no entry and allocates nothing; with a million sessions, buckets would be faster.
//
// A session belongs to a server, not to a connection: if a client opens a second connection to the
// server of its session, the server closes the first connection.
//
// If a client sends a "check" request that is not part of a multi, the server answers it. ZooKeeper
// closes the connection instead, which helps no client.
package server
