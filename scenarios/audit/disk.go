package audit

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// turn is what one life of a server has applied since its last snapshot began.
type turn struct {
	file    string // the snapshot that it writes, or has written last
	applied int    // transactions in this step
	atLeast int    // while it served, in steps after the one in which the snapshot began
	atMost  int    // at all, with those of that step
	untidy  int    // snapshots that began, one after the other, while too much was on the disk
}

// keptFiles is how many snapshots, or logs that no snapshot needs, may be on a server's disk for
// untidyTurns snapshots in a row. A server keeps three snapshots. A loss of power may bring removed
// names back, and the server removes them with later snapshots.
const (
	keptFiles   = 6
	untidyTurns = 4
)

// snapshots checks the snapshots that a server writes of its own state: when each begins, and that
// the server waits for its fsyncs. served is true if the server was in broadcast before this step.
func (c *conduct) snapshots(served bool, out []sim.Effect) {
	t, config := &c.turn, c.peer.Settings()
	t.atMost += t.applied
	if served {
		t.atLeast += t.applied
	}
	for i := range out {
		f := &out[i]
		if f.Kind != sim.Fsync || !zab.OfSnapshot(f.Token) {
			continue
		}
		if c.fsyncs++; f.File == "" || f.File == t.file {
			continue
		}
		if served && t.atMost <= config.SnapCount/2 {
			c.a.broken(SnapshotsInTurn, "%s begins a snapshot at %s, only %d transactions after its "+
				"last snapshot: with snapCount %d, a server must wait for at least %d transactions",
				c.m.Name, c.a.world.Now().Seconds(), t.atMost, config.SnapCount,
				config.SnapCount/2+1)
		}
		t.file, t.atLeast, t.atMost = f.File, 0, t.applied
		c.tidy()
	}
	if c.fsyncs <= 0 && c.peer.Snapping() {
		c.a.broken(WaitsForDisk, "%s is writing a snapshot at %s, but no fsync of the snapshot "+
			"is pending",
			c.m.Name, c.a.world.Now().Seconds())
	}
	if t.applied > 0 && served && t.atLeast >= config.SnapCount && !c.peer.Snapping() &&
		c.peer.Phase() == zab.Broadcast {
		c.a.broken(SnapshotsInTurn, "%s has applied at least %d transactions since its last snapshot, but "+
			"begins no new snapshot at %s: with snapCount %d, a server must not wait for more "+
			"transactions", c.m.Name, t.atLeast, c.a.world.Now().Seconds(), config.SnapCount)
	}
}

// tidy counts, when a snapshot begins, the files on disk that should be gone.
func (c *conduct) tidy() {
	var snaps, logs []zab.Zxid
	for _, name := range c.m.Disk().Names() {
		z, log, ok := zab.FileZxid(name)
		switch {
		case !ok:
		case log:
			logs = append(logs, z)
		default:
			snaps = append(snaps, z)
		}
	}
	slices.Sort(snaps)
	slices.Sort(logs)
	useless := 0 // logs: each ends before the next one begins
	for i := 1; i < len(logs) && len(snaps) > 0; i++ {
		if logs[i] <= snaps[0]+1 {
			useless++
		}
	}
	if useless <= keptFiles && len(snaps) <= keptFiles {
		c.turn.untidy = 0
		return
	}
	if c.turn.untidy++; c.turn.untidy >= untidyTurns {
		c.a.broken(TidyDisk, "%s has %d snapshots on its disk at %s, and %d logs that end before the "+
			"oldest snapshot: a server must remove old snapshots and such logs", c.m.Name,
			len(snaps), c.a.world.Now().Seconds(), useless)
	}
}

// keepsLog checks the removal of a file. The checks do not know what a snapshot of a leader has made
// void, so a disk with such a snapshot, or one without an epoch, is not checked.
func (c *conduct) keepsLog(file string) {
	disk := c.m.Disk()
	if _, log, ok := zab.FileZxid(file); !ok || !log || c.replaced || disk.Read("currentEpoch") == nil {
		return
	}
	var newest zab.Zxid
	for _, name := range disk.Names() {
		if z, log, ok := zab.FileZxid(name); ok && !log {
			if newest = max(newest, z); strings.Count(name, ".") > 1 {
				return
			}
		}
	}
	var last zab.Zxid
	for b := disk.Read(file); ; {
		e, rest, ok := zab.NextRecord(b)
		if !ok {
			break
		}
		last, b = e.Zxid, rest
	}
	if last != 0 && last >= newest {
		c.a.broken(KeepsLogs, "%s removes %s at %s, but still needs this log: the log ends at "+
			"%v, and the server's newest snapshot is at %v", c.m.Name, file,
			c.a.world.Now().Seconds(), last, newest)
	}
}
