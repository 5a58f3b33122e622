package zab_test

import (
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

func (f files) Names() []string {
	var names []string
	for _, name := range []string{"acceptedEpoch", "currentEpoch", snap0, snap5, log1, log5} {
		if _, ok := f[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

const (
	snap0 = "snapshot.0000000000000000"
	snap5 = "snapshot.0000000100000005"
	log1  = "log.0000000100000001"
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
