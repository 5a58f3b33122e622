// Package trial tests servers of a Raft library in the simulated world. Each server runs as a guest
// (package guest), clients write and read registers, faults happen, and after every event the
// checks read the servers' disks, messages and state machines. A library's server keeps the
// contract of package raft/contract. The trial knows nothing else of the library, except what
// [Library] says.
//
// # The checks
//
// The first violation ends the run. The properties of the Raft paper have the same names as in the
// paper (Ongaro, Ousterhout: In Search of an Understandable Consensus Algorithm, figure 3).
//
//	ElectionSafety      one leader a term: by what servers report and by what they send as leaders
//	LeaderAppendOnly    a leader never overwrites or deletes entries of its log
//	LogMatching         entries with one index and term are equal, and so are the logs before them
//	LeaderCompleteness  a leader's log has every committed entry of earlier terms
//	StateMachineSafety  at one index, all state machines apply the same entry and have the same state
//	TermMonotonic       the term that a server stores never decreases
//	OneVote             a server votes for one candidate a term
//	VoteDurable         a vote and its term, or a later term, are on the disk before the vote is sent
//	AppendDurable       an entry is on the disk of a server that says it holds it, or a later leader has
//	                    replaced it there
//	AckedDurable        a write is on the disks of a majority when its client gets its answer
//	Linearizable        one order of all reads and writes of registers explains every answer (porcupine)
//	LiveAfterHealing    after the faults a write goes through, and all servers catch up, within a bound
//	ServerPanic         a server ends itself although no disk failed
//
// An entry counts as committed when a state machine applies it, or applies a later entry.
//
// # What is not checked
//
// The trial does not check changes of the membership. A server whose disk is lost stays down: Raft
// does not allow it to come back under its old name, because the server has forgotten its votes.
package trial
