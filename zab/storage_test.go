package zab_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/zab"
)

// files is a disk.
type files map[string]string

func (f files) Read(name string) []byte {
	if s, ok := f[name]; ok {
		return []byte(s)
	}
	return nil
}

func (f files) Names() []string { return slices.Sorted(maps.Keys(f)) }

const (
	snap0 = "snapshot.0000000000000000"
	snap5 = "snapshot.0000000100000005"
	log1  = "log.0000000100000001"
	log3  = "log.0000000100000003"
	log5  = "log.0000000100000005"
)

// records is the log of these transactions of epoch 1.
func records(counters ...uint32) string {
	var b []byte
	for _, c := range counters {
		b = zab.AppendRecord(b, zab.Entry{Zxid: zab.MakeZxid(1, c), Data: []byte("data")})
	}
	return string(b)
}

// Rules R6 and L4: recovery starts only from a history without a hole. A crash can tear the end of
// a log, but no crash explains a damaged record before sound ones.
func TestRecover(t *testing.T) {
	torn := records(1, 2)[:len(records(1, 2))-3]
	damaged := strings.Replace(records(1, 2, 3), "data", "dato", 1)
	for _, c := range []struct {
		name, want string
		disk       files
		last       uint32
	}{
		{"one log", "", files{snap0: "", log1: records(1, 2, 3)}, 3},
		{"two logs", "", files{snap0: "", log1: records(1, 2, 3, 4), log5: records(5)}, 5},
		{"a torn end", "", files{snap0: "", log1: torn}, 1},
		{"a log that its snapshot reaches", "", files{snap5: "", log5: records(5, 6)}, 6},
		{"a hole", "the log has a hole", files{snap0: "", log1: records(1, 3)}, 0},
		{"a hole between logs", "the log has a hole",
			files{snap0: "", log1: records(1, 2), log5: records(5)}, 0},
		{"a record twice", "the log has a hole", files{snap0: "", log1: records(1, 1)}, 0},
		{"a hole after the snapshot", "refusing to start", files{snap0: "", log5: records(5)}, 0},
		{"no snapshot", "there is no snapshot", files{log1: records(1)}, 0},
		{"a damaged record", "is followed by sound ones", files{snap0: "", log1: damaged}, 0},
		{"a damaged epoch", "is no epoch", files{snap0: "", "currentEpoch": "one"}, 0},
	} {
		if _, ok := c.disk["currentEpoch"]; !ok {
			c.disk["currentEpoch"] = "1"
		}
		s, err := zab.Recover(c.disk)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		case err == nil && s.Entries[len(s.Entries)-1].Zxid != zab.MakeZxid(1, c.last):
			t.Errorf("%s: ends at %v", c.name, s.Entries[len(s.Entries)-1].Zxid)
		}
	}
}

// TestRecoverDropsWhatIsCovered: a loss of power may leave any of the old logs and snapshots that a
// server was about to remove. Recovery starts from the rest if the newest snapshot covers what is
// missing, names the useless files, and refuses the disk otherwise.
func TestRecoverDropsWhatIsCovered(t *testing.T) {
	for _, c := range []struct {
		name, want string
		disk       files
		first      uint32
	}{
		{"a snapshot without its log", "", files{snap0: "", snap5: "", log5: records(5, 6)}, 5},
		{"a log without the next one", "",
			files{snap0: "", snap5: "", log1: records(1, 2), log5: records(5, 6)}, 5},
		{"all logs", "", files{snap0: "", snap5: "", log1: records(1, 2), log3: records(3, 4),
			log5: records(5, 6)}, 1},
		{"a hole that no snapshot covers", "the log has a hole",
			files{snap0: "", log1: records(1, 2), log5: records(5, 6)}, 0},
		{"a hole in a log that a snapshot covers", "the log has a hole",
			files{snap0: "", snap5: "", log1: records(1, 3, 4), log5: records(5, 6)}, 0},
		{"a snapshot that no log meets", "refusing to start",
			files{snap0: "", log5: records(5, 6)}, 0},
	} {
		c.disk["currentEpoch"] = "1"
		s, err := zab.Recover(c.disk)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		case err == nil && s.Entries[0].Zxid != zab.MakeZxid(1, c.first):
			t.Errorf("%s: begins at %v, want 1/%d", c.name, s.Entries[0].Zxid, c.first)
		}
	}
}

// TestRecoverSeesAMissingLog: a log names the end of the history before it, so recovery sees that a
// log between two others is gone, even if that one held the end of an epoch and the zxids show no
// hole. It also drops logs that a received snapshot replaces, if only they are left of the old
// history.
func TestRecoverSeesAMissingLog(t *testing.T) {
	const (
		old    = "log.0000000100000001.0000000000000000" // has 1/1 and 1/2
		before = "log.0000000200000001.0000000100000002" // follows 1/2
		after  = "log.0000000200000001.0000000100000004" // follows 1/4, which is in a log that is gone
		snap1  = "snapshot.0000000100000002"
		snap2  = "snapshot.0000000200000002"
		got    = "snapshot.0000000100000001.0000000200000002" // replaces a history that ends at 2/2
		less   = "snapshot.0000000100000001.0000000100000002"
	)
	two := string(zab.AppendRecord(nil, zab.Entry{Zxid: zab.MakeZxid(2, 1)}))
	for _, c := range []struct {
		name, want string
		disk       files
		first      zab.Zxid
	}{
		{"nothing is missing", "", files{snap0: "", snap2: "", old: records(1, 2), before: two},
			zab.MakeZxid(1, 1)},
		{"the end of an epoch", "", files{snap0: "", snap2: "", old: records(1, 2), after: two},
			zab.MakeZxid(2, 1)},
		{"the end of an epoch, and an old snapshot is left", "",
			files{snap1: "", snap2: "", after: two}, zab.MakeZxid(2, 1)},
		{"the end of an epoch, and no snapshot has it", "the log has a hole",
			files{snap0: "", snap1: "", old: records(1, 2), after: two}, 0},
		{"the beginning", "refusing to start", files{snap1: "", after: two}, 0},
		{"the old snapshot of what is replaced", "", files{got: "", after: two}, zab.NoZxid},
		{"the snapshot of what is not replaced", "refusing to start", files{less: "", after: two}, 0},
	} {
		c.disk["currentEpoch"] = "2"
		s, err := zab.Recover(c.disk)
		first := zab.NoZxid
		if len(s.Entries) > 0 {
			first = s.Entries[0].Zxid
		}
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		case err == nil && first != c.first:
			t.Errorf("%s: begins at %v, want %v", c.name, first, c.first)
		}
	}
}

// TestTruncRemovesTheNewestLogFirst: rule D7. A loss of power may keep any of the changes since the
// last fsync of the directory, so each is durable before the next one begins.
func TestTruncRemovesTheNewestLogFirst(t *testing.T) {
	var kept []zab.Entry
	for c := range uint32(2) {
		kept = append(kept, zab.Entry{Zxid: zab.MakeZxid(1, c+1)})
	}
	for _, c := range []struct {
		begins []zab.Zxid
		want   string
	}{
		{[]zab.Zxid{zab.MakeZxid(1, 1)}, "cut log.0000000100000001, fsync log.0000000100000001, fsync"},
		{[]zab.Zxid{zab.MakeZxid(1, 1), zab.MakeZxid(1, 4), zab.MakeZxid(2, 1)},
			"remove log.0000000200000001, fsync; remove log.0000000100000004, fsync; " +
				"cut log.0000000100000001, fsync log.0000000100000001, fsync"},
		{[]zab.Zxid{zab.MakeZxid(1, 4)}, "remove log.0000000100000004, fsync"},
	} {
		got := strings.Join(zab.TruncateLog(c.begins, kept, zab.MakeZxid(1, 2)), "; ")
		if got != c.want {
			t.Errorf("logs from %v: %s, want %s", c.begins, got, c.want)
		}
	}
}
