package fuzz

import "strings"

// The tables of [Reach.Map]: what runs should reach, and why they do not reach the rest.

// answers has, for each operation, the outcomes that clients should see.
var answers = []struct {
	op       string
	outcomes []string
}{
	{"addWatch persistent", []string{"ok"}},
	{"addWatch recursive", []string{"ok"}},
	{"auth", []string{"ok", "authentication failed"}},
	{"check", []string{"ok", "bad version", "no node", "not authorised", "unknown"}},
	{"checkWatches any", []string{"ok", "no watcher"}},
	{"checkWatches children", []string{"ok", "no watcher"}},
	{"checkWatches data", []string{"ok", "no watcher"}},
	{"checkWatches persistent", []string{"ok", "no watcher"}},
	{"checkWatches recursive", []string{"ok", "no watcher"}},
	{"closeSession", []string{"ok", "unknown"}},
	{"create ephemeral", []string{"ok", "no node", "node exists", "unknown", "its client died",
		childless}},
	{"create ephemeral, sequential", []string{"ok", "not sent", "unknown", "its client died"}},
	{"create persistent", []string{"ok", "no node", "node exists", "not sent", "unknown",
		childless}},
	{"create sequential", []string{"ok", "no node", "node exists", "not sent", "unknown",
		childless}},
	{"create sequential (last number)", []string{"ok"}},
	{"create ephemeral, sequential (last number)", []string{"ok"}},
	{"create ephemeral, sequential", []string{"node exists"}}, // the number does not grow any more
	{"create2 ephemeral", []string{"ok", "no node", "node exists", "not authorised",
		"invalid acl", "unknown", childless}},
	{"create2 persistent", []string{"ok", "no node", "node exists", "not authorised",
		"invalid acl", "unknown", childless}},
	{"create2 sequential", []string{"ok", "no node", childless}},
	{"delete", []string{"ok", "no node", "bad version", "node has children", "not authorised",
		"not sent", "unknown"}},
	{"exists", []string{"ok", "no node", "connection lost"}},
	{"exists with a watch", []string{"ok", "no node", "connection lost"}},
	{"getACL", []string{"ok", "no node", "not authorised"}},
	{"getAllChildrenNumber", []string{"ok", "no node", "not authorised"}},
	{"getAllChildrenNumber (a thousand children)", []string{"ok"}},
	{"getChildren", []string{"ok", "no node", "not authorised"}},
	{"getChildren with a watch", []string{"ok", "no node"}},
	{"getChildren2", []string{"ok", "no node", "connection lost", "not sent"}},
	{"getChildren2 with a watch", []string{"ok", "no node", "connection lost"}},
	{"getChildren2 with a watch (a thousand children)", []string{"ok"}},
	{"getData", []string{"ok", "no node", "not authorised", "connection lost"}},
	{"getData (a megabyte)", []string{"ok"}},
	{"getData with a watch", []string{"ok", "no node", "connection lost"}},
	{"getEphemerals", []string{"ok"}},
	{"multi", []string{"ok", "no node", "node exists", "bad version", "unknown", childless}},
	{"multi of check", []string{"ok", "no node", "bad version"}},
	{"multi of create", []string{"not authorised", "ok", "no node", "node exists", childless}},
	{"multi of create2", []string{"ok", "no node", "node exists", childless}},
	{"multi of delete", []string{"ok", "no node", "bad version", "node has children"}},
	{"multi of setData", []string{"ok", "no node", "bad version"}},
	{"multi with checks or deletes", []string{"not authorised", "ok", "no node", "node exists",
		"bad version", "node has children", "unknown", childless}},
	{"multiRead", []string{"ok", "connection lost"}},
	{"removeWatches any", []string{"ok", "no watcher"}},
	{"removeWatches children", []string{"ok", "no watcher"}},
	{"removeWatches data", []string{"ok", "no watcher"}},
	{"removeWatches persistent", []string{"ok", "no watcher"}},
	{"removeWatches recursive", []string{"ok", "no watcher"}},
	{"setACL", []string{"ok", "no node", "bad version", "not authorised", "invalid acl",
		"unknown"}},
	{"setData", []string{"ok", "no node", "bad version", "not authorised", "not sent", "unknown"}},
	{"setData (a megabyte)", []string{"ok", "unknown"}},
	{"sync", []string{"ok", "connection lost"}},
}

const childless = "an ephemeral node cannot have children"

// anyOutcome are outcomes that any operation may have.
var anyOutcome = []string{"connection lost", "its client died", "not sent", "unknown", "pending",
	"session expired", "authentication failed"}

func operations() (names []string) {
	for _, a := range answers {
		for _, outcome := range a.outcomes {
			names = append(names, a.op+": "+outcome)
		}
	}
	return names
}

// neverOperations are operations and outcomes that the lab does not have, each with the reason.
var neverOperations = map[string]string{
	"createContainer":     "no workload of the fuzzer creates containers",
	"createTTL":           "no workload of the fuzzer creates nodes with a time to live",
	"deleteContainer":     "no workload of the fuzzer creates containers",
	"reconfig":            "in the lab, the servers of an ensemble never change",
	"sasl":                "the lab has no SASL",
	"whoAmI":              "no workload of the fuzzer makes this request",
	"setData: over quota": "the lab has no quotas",
	"a read in a read-only session": "the lab has no read-only mode: a server without a quorum " +
		"serves no client",
	"setData: session moved": "the server closes the connection instead of answering, as a " +
		"ZooKeeper server does",
}

var messageKinds = strings.Split("between servers: ACK; between servers: ACKEPOCH; "+
	"between servers: COMMIT; between servers: DIFF; between servers: FOLLOWERINFO; "+
	"between servers: INFORM; between servers: LEADERINFO; between servers: NEWLEADER; "+
	"between servers: NOTIFICATION; between servers: OBSERVERINFO; between servers: PING; "+
	"between servers: PROPOSAL; between servers: REQUEST; between servers: REVALIDATE; "+
	"between servers: SNAP; between servers: SNAPDATA; between servers: SYNC; "+
	"between servers: TRUNC; between servers: UPTODATE; client to server: CONNECT; "+
	"client to server: addWatch; client to server: auth; client to server: check; "+
	"client to server: checkWatches; client to server: closeSession; client to server: create; "+
	"client to server: create2; client to server: delete; client to server: exists; "+
	"client to server: getACL; client to server: getAllChildrenNumber; "+
	"client to server: getChildren; client to server: getChildren2; client to server: getData; "+
	"client to server: getEphemerals; client to server: multi; client to server: multiRead; "+
	"client to server: ping; client to server: removeWatches; client to server: setACL; "+
	"client to server: setData; client to server: setWatches; client to server: setWatches2; "+
	"client to server: sync; server to client: CONNECTED; "+
	"server to client: EVENT NodeChildrenChanged; server to client: EVENT NodeCreated; "+
	"server to client: EVENT NodeDataChanged; server to client: EVENT NodeDeleted; "+
	"server to client: PING; server to client: REPLY", "; ")

var transitions = strings.Split("LOOKING ELECTION → FOLLOWING DISCOVERY; "+
	"LOOKING ELECTION → LEADING DISCOVERY; LOOKING ELECTION → OBSERVING DISCOVERY; "+
	"FOLLOWING DISCOVERY → FOLLOWING SYNCHRONIZATION; FOLLOWING DISCOVERY → LOOKING ELECTION; "+
	"FOLLOWING SYNCHRONIZATION → FOLLOWING BROADCAST; "+
	"FOLLOWING SYNCHRONIZATION → LOOKING ELECTION; "+
	"FOLLOWING SYNCHRONIZATION → FOLLOWING DISCOVERY; "+
	"FOLLOWING BROADCAST → LOOKING ELECTION; LEADING DISCOVERY → LEADING SYNCHRONIZATION; "+
	"LEADING DISCOVERY → LOOKING ELECTION; LEADING SYNCHRONIZATION → LEADING BROADCAST; "+
	"LEADING SYNCHRONIZATION → LOOKING ELECTION; LEADING BROADCAST → LOOKING ELECTION; "+
	"OBSERVING DISCOVERY → OBSERVING SYNCHRONIZATION; OBSERVING DISCOVERY → LOOKING ELECTION; "+
	"OBSERVING SYNCHRONIZATION → OBSERVING BROADCAST; "+
	"OBSERVING SYNCHRONIZATION → LOOKING ELECTION; OBSERVING BROADCAST → LOOKING ELECTION", "; ")

// seldomTransitions are changes of role or phase that few runs have, each with the reason.
var seldomTransitions = map[string]string{
	"FOLLOWING SYNCHRONIZATION → FOLLOWING DISCOVERY": "seldom, about once in 500 seeds: the " +
		"follower asks for a SNAP, because the TRUNC goes further back than the follower's " +
		"oldest snapshot",
}

func transactions() (names []string) {
	for _, kind := range strings.Split("check; closeSession; create; create2; createSession; "+
		"delete; error; multi; setACL; setData", "; ") {
		names = append(names, "applied: "+kind, "replayed: "+kind)
	}
	return names
}

var watches = strings.Split("fired: NodeChildrenChanged; fired: NodeCreated; "+
	"fired: NodeDataChanged; fired: NodeDeleted; set: children; set: data; set: exists; "+
	"set: persistent; set: recursive", "; ")

var sessionStates = strings.Split("AUTH_FAILED; CLOSED; CONNECTED; CONNECTING; DISCONNECTED; "+
	"EXPIRED", "; ")

var recipeMarks = strings.Split("believes; no longer believes; enters; has left; has not put; has "+
	"perhaps put; has put; holds; leaves; lets go; passes; perhaps took; puts; takes; took; waits",
	"; ")

// neverFaults are faults that no run of this mix has, each with the reason.
var neverFaults = map[string]string{
	"corrupt": "ZAB does not promise to survive a corrupted disk: only zablab fuzz --beyond " +
		"plays this fault",
}

// places are the messages at which a fault should hit a server, and the states in which it should.
func places() (names []string) {
	for _, m := range append(messages, "SNAPDATA", "PING", "REQUEST", "REVALIDATE", "SYNC",
		"INFORM", "CONNECT", "OBSERVERINFO", "no message") {
		names = append(names, "at "+m)
	}
	for _, t := range transitions {
		_, state, _ := strings.Cut(t, " → ")
		names = append(names, "in "+state)
	}
	return names
}

var neverRecords = map[string]string{
	"violation": "only a run in which a check fails has this record",
}

var neverFlaws = map[string]string{
	"recipe.former-ticket": "only the recipe with this flaw makes the read that the flaw " +
		"changes, so no run without the flaw comes to this place: use zablab flaws --hunt " +
		"recipe.former-ticket to see it",
	"client.gives-up":        counted,
	"fix.pull-1848":          counted,
	"fix.pull-1930":          counted,
	"fix.pull-1993":          counted,
	"fix.pull-2111":          counted,
	"newleader.ack-order":    counted,
	"newleader.asynchronous": counted,
}

// counted is the reason for a flaw whose code runs only if the flaw is injected.
const counted = "counted only in runs with this flaw: zablab flaws --hunt prints how often the " +
	"flawed line ran"

// observing has words: the runs of the mix common reach nothing that contains one of them.
var observing = []string{"OBSERVING", "OBSERVERINFO", "INFORM", "quorum.count-observers",
	"election.no-call-back"}

// noObservers is why runs of the mix common do not reach what needs an observer.
const noObservers = `runs of the mix "common" have no observers`

// noSizes is why runs of the mix common limit no bandwidth.
const noSizes = `runs of the mix "common" never limit the bandwidth of a link or a disk`
