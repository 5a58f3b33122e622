package suspects

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// The issues of hashicorp/raft that the version in go.mod has, by number. All but #205 are open.
var knownIssues = []Known{
	{
		Number: 205, Title: "a follower that refuses every entry after its own snapshot",
		Says: "Before a follower appends the leader's entries, it checks the entry before them. " +
			"A follower whose log has entries after its snapshot searches only the log for that " +
			"entry, not the snapshot. If the entry is in the snapshot, the follower does not " +
			"find it, and refuses the leader's entries. This happens when the leader lacks the " +
			"entries after the follower's snapshot. The leader then sends its own snapshot, the " +
			"follower refuses again, and so on for ever. The issue was closed in 2017 without a " +
			"change; a comment in #86 has a fix.",
		Shown: "The bug appears in v1.8.0 with each of the first four seeds: a server restores a " +
			"snapshot, leads, and logs entries that no other server receives. In zablab compare " +
			"--fuzz --seed 0xd0, two of four servers are followers that accept no more entries, " +
			"so that no write ever succeeds again.",
		Breaks: []string{"LiveAfterHealing"},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			r, err = e.staleAfterSnapshot(uint64(1 + i))
			return r, fmt.Sprintf("seed %d: a server restores a snapshot, and then logs entries "+
				"that no other server has", 1+i), err
		},
	},
	{
		Number: 612, Title: "a follower never receives entries again",
		Says: "When a follower fails to store entries while two requests of the leader's " +
			"pipeline are under way, the leader's goroutines of that pipeline may block each " +
			"other for ever. Heartbeats continue, so the follower never starts an election, but " +
			"it never gets another entry either.",
		Shown: "The bug appears in v1.8.0 with four of the first nine seeds: six clients write, and " +
			"for two seconds each fsync of a follower fails after 100 ms. The fuzzer also finds it: " +
			"in the schedule of zablab compare --fuzz --seed 0xbc, one fsync of a follower fails, " +
			"and no entry reaches that follower afterwards.",
		Breaks: []string{"LiveAfterHealing"}, schedule: "612.schedule",
	},
	{
		Number: 666, Title: "a leader with a stalled disk keeps leading",
		Says: "A separate goroutine sends the heartbeats, so a leader whose disk does not answer " +
			"still seems healthy to its followers. No write goes through and no election starts, " +
			"although a majority is healthy.",
		Shown: "The bug appears in v1.8.0 with any seed, when the leader waits for its disk for 30 s. " +
			"The fuzzer does not look for it, because Raft promises progress only while the leader " +
			"works.",
		Breaks: []string{availability},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			r, err = e.diskStalls(uint64(1 + i))
			return r, fmt.Sprintf("seed %d: the leader's disk stalls", 1+i), err
		},
	},
	{
		Number: 695, Title: "two different entries at one index and term",
		Says: "A heartbeat with a higher term reaches a leader, and the goroutine of the " +
			"heartbeat's connection raises the leader's term. The main goroutine still works as " +
			"leader, and gives the new term to the entry of a write. But another server is the " +
			"leader of that term, and has another entry at that index.",
		Shown: "The same 20 tries were made with each version. v1.8.0 and v1.7.3 each show the " +
			"bug in 7 of the tries; v1.6.0, v1.5.0 and v1.3.11 show it in no try. In each try " +
			"the leader pauses for 3 s while it works on a write, and after the pause its main " +
			"goroutine does not run for some milliseconds. The tries differ in the seed or in " +
			"the moment of the pause.",
		Breaks: []string{"LogMatching"},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			seed, look := uint64(2+i/20), []int{10, 9, 11, 8, 12}[i%5]+5*(i%20/5)
			r, err = e.leaderStops(seed, look)
			return r, fmt.Sprintf("seed %d: the leader pauses at the moment when it has read its "+
				"clock %d times",
				seed, look), err
		},
	},
	{
		Number: 696, Title: "a leader that refuses every write for ever",
		Says: "A leader that transfers its leadership first brings the other server up to date. " +
			"If the leader steps down meanwhile, the goroutine of the transfer waits for ever " +
			"for a replication that has ended, and the flag \"transfer in progress\" stays set. " +
			"When the old leader is elected again, it refuses all writes.",
		Shown: "In v1.8.0, seed 13 is the first seed with which the bug appears. A leader has " +
			"two followers, A and B. The leader is cut off from A, and is asked twice to " +
			"transfer its leadership to A. Then it is cut off from B too, for 0.9 s, and is " +
			"elected again. Requests between servers time out after 10 s.",
		Breaks: []string{"LiveAfterHealing"},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			r, err = e.transferStuck(uint64(1 + i))
			return r, fmt.Sprintf("seed %d: a transfer to a server that is cut off", 1+i), err
		},
	},
	{
		Number: 697, Title: "a follower gets the same snapshot again and again",
		Says: "A follower that installs a snapshot keeps an entry of its own at the snapshot's last index, " +
			"even if that entry has another term. It then rejects every entry after the snapshot, and the " +
			"leader sends the snapshot again.",
		Shown: "The bug appears in v1.8.0 with the first seed: a leader that is cut off logs six " +
			"writes, cannot commit them, and crashes. Then the other servers take a snapshot that " +
			"ends at the last index of the crashed server's log, and the crashed server restarts.",
		Breaks: []string{"LiveAfterHealing"},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			r, err = e.staleTail(uint64(1 + i))
			return r, fmt.Sprintf("seed %d: a snapshot whose last index is that of a stale entry "+
				"in the follower's log", 1+i), err
		},
	},
}
