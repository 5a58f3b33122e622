package etcd

import (
	"strconv"
	"strings"

	"github.com/zablab/zablab/tree"
)

// A node is the key with its path. Keys that begin with a zero byte are the lab's own:
//
//	\0s/LEASE      of each session, under its lease; every write of the session writes it, too
//	\0n/PATH\0N    written by every create below PATH; their versions add up to the number of creates
//
// The first key makes etcd refuse the writes of a session that is over, and shows in every revision
// whose it is. The second one gives sequential nodes their numbers; it goes with its node.
const (
	sessionKeys = "\x00s/"
	countKeys   = "\x00n"
)

// everything is a range of all keys, nodes the range of all nodes.
var (
	everyKey = []byte{0}
	allEnd   = []byte{0}
)

func sessionKey(lease int64) []byte {
	return []byte(sessionKeys + strconv.FormatInt(lease, 16))
}

// sessionOf returns the lease of a session's key; ok is false for any other key.
func sessionOf(key []byte) (lease int64, ok bool) {
	text, ok := strings.CutPrefix(string(key), sessionKeys)
	if !ok {
		return 0, false
	}
	lease, err := strconv.ParseInt(text, 16, 64)
	return lease, err == nil
}

// countKey returns the key that the nth create of a transaction below a parent writes.
func countKey(parent string, n int) []byte {
	return []byte(countKeys + parent + "\x00" + strconv.Itoa(n))
}

// counts is the range of all count keys of a parent.
func counts(parent string) (key, end []byte) {
	return []byte(countKeys + parent + "\x00"), []byte(countKeys + parent + "\x01")
}

// below is the range of all nodes below a path, at every depth.
func below(path string) (key, end []byte) {
	path = strings.TrimSuffix(path, "/")
	return []byte(path + "/"), []byte(path + "0") // 0 is the byte after /
}

// isNode reports whether a key is a node's.
func isNode(key []byte) bool { return len(key) > 0 && key[0] == '/' }

// parentOf returns the path of a node's parent.
func parentOf(path string) string {
	parent, _, _ := tree.SplitPath(path)
	return parent
}

// child returns the name of a node directly below a parent; ok is false for any other node.
func child(parent, path string) (name string, ok bool) {
	name, ok = strings.CutPrefix(path, strings.TrimSuffix(parent, "/")+"/")
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// statOf returns a node's metadata. etcd counts versions from 1, ZooKeeper from 0.
func statOf(kv *keyValue) tree.Stat {
	return tree.Stat{
		Czxid: kv.Create, Mzxid: kv.Mod, Version: int32(kv.Version - 1), EphemeralOwner: kv.Lease,
		DataLength: int32(len(kv.Value)),
	}
}
