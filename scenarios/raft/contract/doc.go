// Package contract defines what the lab must know of a server that runs a Raft library as a guest
// (package guest): the format of its log on the disk, what the server reports, and what clients ask
// it. The checks of package raft/trial can judge any server that keeps this contract, whichever
// library it runs.
//
//  1. Ports: [PortPeers] for the other servers, [PortClients] for clients.
//  2. The log, the term and the vote are in the file [Journal], a list of records ([AppendRecord]).
//     The checks read this file from the simulated disk, so it must be the file that the library
//     itself reads after a restart. The values of the keys CurrentTerm and LastVoteTerm (each 8
//     bytes, big-endian) and LastVoteCand (a name) are the term and the vote.
//  3. A snapshot is a file whose name is [SnapshotName]. The file exists only when the snapshot is
//     complete.
//  4. The server reports ([Report]) its role, every command that its state machine applies, and
//     every snapshot that it restores. With each command and snapshot, it reports a digest of the
//     resulting state ([Registers]). A leader also reports when it begins to answer reads.
//  5. Clients send a [Request] and get an [Answer]. Before each, its length is sent in four bytes.
package contract

import "github.com/zablab/zablab/sim"

// Ports of a server.
const (
	PortPeers   = 1
	PortClients = 2
)

// Report is the kind of a report that a server makes to the lab. It is the first argument of
// machine.Report; the second argument is a term (for Role and Serves) or an index.
type Report uint64

// The kinds of reports, and the data of each.
const (
	Role     Report = iota + 1 // the name of the role: follower, candidate, leader or shutdown
	Applied                    // the term and the digest of the registers after the command
	Restored                   // the same, of a snapshot
	Serves                     // nothing; the second number is the term that the server leads
)

// Register is a value, and how often it was set.
type Register struct {
	Value   string
	Version uint64
}

// Registers is the state that results from a server's log.
type Registers struct {
	Values map[string]Register
	Digest uint64 // depends on the values alone, not on the way that led to them
}

// NewRegisters returns registers without values.
func NewRegisters() *Registers { return &Registers{Values: map[string]Register{}} }

// Set gives a register a new value, and returns the register.
func (r *Registers) Set(key, value string) Register {
	old, ok := r.Values[key]
	if ok {
		r.Digest -= digest(key, old)
	}
	v := Register{value, old.Version + 1}
	r.Put(key, v)
	return v
}

// Put adds a register that Registers does not have yet, with its value and count, as when a
// snapshot is read.
func (r *Registers) Put(key string, v Register) {
	r.Values[key] = v
	r.Digest += digest(key, v)
}

func digest(key string, v Register) uint64 {
	return sim.Mix(sim.HashString(key)^sim.Mix(sim.HashString(v.Value)+v.Version)) | 1
}
