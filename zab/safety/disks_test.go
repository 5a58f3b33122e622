package safety

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// still is a program that does nothing.
type still struct{}

func (still) Step(sim.Time, sim.Event, []sim.Effect) []sim.Effect { return nil }
func (still) Deadline() sim.Time                                  { return sim.Never }

// disk is the disk of S1, which a rig's audit watches.
type disk struct {
	*sim.Disk
	w *sim.World
	m *sim.Machine
}

func watchDisk(r *rig) disk {
	w := sim.NewWorld(sim.Config{})
	WatchDisks(w, r.audit)
	var first disk
	for _, name := range []string{"S1", "S2", "S3", "S4"} {
		m := w.Add(name, "server", func(*sim.Machine) sim.Program { return still{} })
		m.Disk().Preload("snapshot.0000000000000000", nil)
		if first.m == nil {
			first = disk{m.Disk(), w, m}
		}
	}
	return first
}

// fsync makes a file durable, and the directory too, and has the audit look.
func (d disk) fsync(files ...string) {
	for _, file := range files {
		asked, _ := d.Fsync(file)
		d.Complete(&asked)
		d.w.OnDurable(d.m, file)
	}
}

func (d disk) write(file string, data string, at ...zab.Zxid) {
	for _, at := range at {
		d.Append(file, zab.AppendRecord(nil, entry(at, data)))
	}
}

// epochs puts the epochs of the rig's S1 on its disk.
func (d disk) epochs(n string) {
	for _, name := range []string{"acceptedEpoch", "currentEpoch"} {
		d.Remove(name)
		d.Append(name, []byte(n))
		d.fsync(name, "")
	}
}

const logFile = "log.0000000100000001"

// diskTrials are about what is on the disk of S1, whose log has 1/1 to 1/3.
var diskTrials = []trial{
	{"AckedDurable", "the log on disk has a hole", func(r *rig, bad bool) {
		d := threeLogged(r)
		d.write(logFile, "x", z(1, 1))
		if !bad {
			d.write(logFile, "x", z(1, 2))
		}
		d.write(logFile, "x", z(1, 3))
		d.fsync(logFile, "")
		r.s[1].Acked(r.s[1], z(1, 3))
	}},
	{"AckedDurable", "the log on disk has other bytes", func(r *rig, bad bool) {
		d := threeLogged(r)
		d.write(logFile, "x", z(1, 1))
		d.write(logFile, pick(bad, "y", "x"), z(1, 2))
		d.write(logFile, "x", z(1, 3))
		d.fsync(logFile, "")
		r.s[1].Acked(r.s[1], z(1, 2))
	}},
	{"AckedDurable", "the name of the log is not on disk", func(r *rig, bad bool) {
		d := threeLogged(r)
		d.write(logFile, "x", z(1, 1), z(1, 2), z(1, 3))
		d.fsync(logFile)
		if !bad {
			d.fsync("")
		}
		r.s[1].Acked(r.s[1], z(1, 3))
	}},
	{"AckedDurable", "a suffix that was cut off is on disk again", func(r *rig, bad bool) {
		d := threeLogged(r)
		d.write(logFile, "x", z(1, 1), z(1, 2), z(1, 3))
		d.fsync(logFile, "")
		r.accept(2, z(1, 1))
		r.elect(2, 2, 3)
		r.follow(2, 2, 1)
		r.truncate(0, 1, z(1, 1))
		if !bad {
			d.Truncate(logFile, int64(len(zab.AppendRecord(nil, entry(z(1, 1), "x")))))
		}
		d.fsync(logFile, "")
		d.epochs("2")
		r.s[1].Acked(r.s[1], z(2, 0))
	}},
	{"EpochCurrency", "a leader whose own disk lacks the epoch that it leads", func(r *rig, bad bool) {
		d := watchDisk(r)
		d.epochs("0")
		r.promise(1, 2)
		if !bad {
			d.epochs("1")
		}
		r.follow(1, 1, 1, 2)
		r.s[2].Pledged(1)
		r.s[1].Elected(1)
	}},
}

// threeLogged lets S1 log 1/1 to 1/3 of S3; its disk has none of them yet.
func threeLogged(r *rig) disk {
	r.reign(1, 3, 2)
	d := watchDisk(r)
	d.epochs("1")
	r.follow(1, 3, 1)
	for _, at := range []zab.Zxid{z(1, 1), z(1, 2), z(1, 3)} {
		r.s[3].Proposed(entry(at, "x"))
		r.log(1, "x", at)
	}
	return d
}
