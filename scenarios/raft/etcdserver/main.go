// Command etcdserver is a server of unmodified etcd-io/raft on a machine of the lab (package
// guest/machine), with registers as its state machine. It keeps the contract of package
// raft/contract.
//
// # Whose code is what
//
// etcd-io/raft is a library without disk, network or clock. Its code here is the protocol
// (raft.Node, in a goroutine of its own), the log in memory (raft.MemoryStorage) and the encoding
// of messages (raftpb). This program adds everything else, and a fault there is ours:
//
//   - the loop that handles what the library hands out ([server.handle]), in the order of the
//     library's package comment: entries, term and vote are durable before any message is sent;
//     a snapshot is durable before the log that follows it; then the state machine applies
//   - the log on the disk ([journal]) and snapshots ([saveSnapshot]), written in the same order as
//     in etcd
//   - one connection to each peer, which drops messages while it is down ([peer])
//   - ticks: ten of them are the election timeout, as the library suggests
//   - the clients' port: any server takes writes and reads, as with etcd. A follower's writes are
//     forwarded by the library. To answer a read, the server asks the library up to which index it
//     must first apply the log (ReadIndex). Each such request has a number. If no answer comes, the
//     server repeats the request with the same number, as etcd does
//
// CheckQuorum is on, as with etcd. The library would let a leader write to its disk in parallel
// with its followers, as etcd does. This server does not do so: a write costs two fsyncs, one after
// the other.
//
// # Naps
//
// A thread may lose its processor at any moment. To imitate this, the logger, which the library
// calls from its own goroutine, prints nothing, but sometimes yields or sleeps ([logger]). The
// loop, too, sometimes yields or sleeps between its steps.
//
// # Versions
//
// Version 3.7 of the library changed the types of its messages. The files library.go and
// library36.go (build tag raft36) have the code that differs between the versions.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"go.etcd.io/raft/v3"
)

func main() {
	fmt.Fprintln(os.Stderr, serve())
	os.Exit(1)
}

// number returns a setting that is a number.
func number(key string) int {
	n, _ := strconv.Atoi(machine.Setting(key))
	return n
}

// span returns a setting that is a time in µs.
func span(key string) time.Duration { return time.Duration(number(key)) * time.Microsecond }

// ticks is how many ticks a follower waits for its leader.
const ticks = 10

// entrySize is an estimate of the bytes of an entry: the library limits the bytes of a message, the
// setting its entries.
const entrySize = 64

func config(storage raft.Storage, applied uint64) *raft.Config {
	return &raft.Config{
		ID: id(machine.Name()), ElectionTick: ticks, HeartbeatTick: 1,
		Storage: storage, Applied: applied,
		MaxSizePerMsg: uint64(number("append") * entrySize), MaxInflightMsgs: number("pipeline"),
		CheckQuorum: true, PreVote: machine.Setting("prevote") != "off",
		Logger: logger{machine.Setting("log") != ""},
	}
}

// id is the library's number for a server: that in its name.
func id(name string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(name, "S"), 10, 64)
	return n
}

// nameOf is the name of a server, or "" for none.
func nameOf(id uint64) string {
	if id == raft.None {
		return ""
	}
	return "S" + strconv.FormatUint(id, 10)
}
