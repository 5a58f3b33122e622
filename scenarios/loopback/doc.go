// Package loopback starts servers as processes of this machine, and puts links between them that a
// fault can cut. The engines with real servers share it: packages apache and etcd.
//
// # Contract
//
//  1. A [Server] is a process, which the lab can start, kill (SIGKILL), pause (SIGSTOP), resume
//     (SIGCONT) and restart. A [Keeper] starts the processes of one engine, so that the kernel
//     kills them when the lab itself is killed.
//  2. A [Relay] is the link from one participant to another. Each of its directions can be cut or
//     delayed. With a [Tap], a direction can also hold back packets of some kinds. A cut is silent,
//     like a pulled cable: bytes wait, and connections stay open until a timeout ends them.
//  3. A [Fork] is one address at which several servers reach a given server, each through its own
//     relay. From the kernel's socket tables, the fork knows which server has opened a connection.
//  4. [Ways] has the state of each link between a client and a server after the faults so far.
//  5. [Faults] checks whether real servers, clients and links can have a fault, and carries it out.
//     If a fault is of an impossible kind, the error says why.
//  6. An [Inbox] passes events from other goroutines to the engine's goroutine, in the order of
//     their times.
//  7. [MakeDir] makes a directory, and removes the directories that were left by runs of the lab
//     that were killed.
//
// # Decisions
//
//   - Ports are below the range that the kernel uses for outgoing connections. The lab cannot
//     reserve a port for a server, so an engine repeats a failed start once with other ports.
package loopback
