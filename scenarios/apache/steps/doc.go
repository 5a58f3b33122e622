// Package steps plays a story of package explore on servers of Apache ZooKeeper: the lab's servers
// took these steps, and the question is whether ZooKeeper's take them too.
//
// A step that the lab can make is made: the lab keeps every message between a leader and a learner
// at a relay and delivers it when the story does ([apache.Hold]); lets only the votes of an
// election through that the story has; kills, wipes and starts processes; and sends the client's
// writes. Fsyncs and timers are the servers' own: they happen at once or after their timeouts, and
// are neither held nor seen.
//
// After each step the lab waits until the servers agree with the story in what is in transit and
// in what the servers have on their disks. The run ends at the first step after which they do not.
// Where the story has an fsync or a snapshot that has not ended, the server may be ahead of the
// story: then it may have written and sent more.
//
// # Decisions
//
//   - A story with a step that real processes cannot take is refused before anything starts, with
//     the line of each such step: a process that is killed loses nothing that it has written, so
//     there is no loss of power.
//   - When a process dies, messages that it has sent and the story never delivers are lost with the
//     connection, as the kernel may lose them.
package steps
