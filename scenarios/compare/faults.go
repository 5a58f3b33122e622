package compare

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// Fault is what befalls the servers, for the most part the leader, and its name.
type Fault struct {
	Name  string
	Stays bool                     // the leader may stay in its office, or nobody need wait for another
	lines func(servers int) string // of a plan
	long  sim.Time                 // from its first line to its last, where that is long
}

// NewFault is a fault that is given by the lines of a plan; [Fault.Lasts] says how long that goes on, if it is long.
func NewFault(name, plan string) Fault {
	return Fault{Name: name, lines: func(int) string { return plan }}
}

// Lasts is the fault, looked at for so much longer.
func (f Fault) Lasts(long sim.Time) Fault {
	f.long = long
	return f
}

// length is for how long it is looked at what comes of it, for failures that are noticed after so long on average.
func (f Fault) length(detect sim.Time) sim.Time {
	return f.long + max(5*sim.Second, 5*detect)
}

// faultAt is when the faults below begin.
const faultAt = 6 * sim.Second

// Faults are what is compared if nothing is said.
func Faults() []Fault {
	at := faultAt.Seconds()
	return []Fault{
		NewFault("the leader crashes", at+" crash LEADER"),
		NewFault("the leader loses power", at+" power LEADER"),
		NewFault("the leader stands still for 5s", at+" pause LEADER 5s").Lasts(5 * sim.Second),
		CutOff(),
		{Name: "nobody hears the leader", lines: func(servers int) (text string) {
			for i := 1; i <= servers; i++ {
				text += fmt.Sprintf("%s cut LEADER > S%d\n", at, i)
			}
			return text
		}},
		{Name: "a flapping link at the leader", Stays: true, long: 5 * sim.Second, lines: func(int) (text string) {
			for i := range sim.Time(5) { // half a second there, half a second not, between the leader and one other
				t := faultAt + i*sim.Second
				text += fmt.Sprintf("%s split LEADER | NEXT\n%s heal\n", t.Seconds(), (t + 500*sim.Millisecond).Seconds())
			}
			return text
		}},
		Shunned(),
		{Name: "all restart in turn", Stays: true, long: 9 * sim.Second, lines: func(servers int) (text string) {
			for i := range sim.Time(servers) {
				t := faultAt + i*sim.Second
				text += fmt.Sprintf("%s crash S%d\n%s restart S%d\n", t.Seconds(), i+1, (t + 300*sim.Millisecond).Seconds(), i+1)
			}
			return text
		}},
		{Name: "all lose power, and start again", lines: func(servers int) (text string) {
			for i := 1; i <= servers; i++ {
				text += fmt.Sprintf("%s power S%d\n%s restart S%d\n", at, i, (faultAt + 500*sim.Millisecond).Seconds(), i)
			}
			return text
		}},
	}
}

// CutOff is the fault by which settings of failure detection are compared: nobody is told of it.
func CutOff() Fault {
	return NewFault("the leader is cut off", faultAt.Seconds()+" split LEADER | OTHERS")
}

// Shunned is a follower that is alone for three seconds, and comes back: nothing need happen then, and without PreVote
// it brings a higher term with it.
func Shunned() Fault {
	return Fault{Name: "a follower is alone for 3s", Stays: true, long: 3 * sim.Second, lines: func(servers int) (text string) {
		at := faultAt.Seconds()
		for i := 1; i <= servers; i++ {
			text += fmt.Sprintf("%s cut NEXT > S%d\n%s cut S%d > NEXT\n", at, i, at, i)
		}
		return text + (faultAt + 3*sim.Second).Seconds() + " heal\n"
	}}
}

// Check says whether a fault's lines can be read, and whom they name is there.
func (f Fault) Check(servers int) error {
	fixed, aimed, err := task.Aim(f.lines(servers))
	if err != nil {
		return err
	}
	all := fixed
	for _, a := range aimed {
		x, err := a.Fault(1, servers)
		if err != nil {
			return err
		}
		all = append(all, x)
	}
	if len(all) == 0 {
		return errors.New("no fault: write 6s crash LEADER")
	}
	for _, x := range all {
		if x.When.Trigger == 0 && x.When.At < faultAt {
			return fmt.Errorf("%s: times are from the start on, and the fault is expected at %s or later: write %s", x, faultAt.Seconds(), faultAt.Seconds())
		}
		for _, name := range append(slices.Concat(x.Groups...), x.Who...) {
			n, err := strconv.Atoi(strings.TrimPrefix(name, "S"))
			client := len(name) == 1 && name[0] >= 'A' && name[0] <= 'C'
			if !client && (err != nil || n < 1 || n > servers) {
				return fmt.Errorf("%s: no such machine as %s: there are S1 to S%d, A to C, LEADER, NEXT to NEXT4 and OTHERS", x, name, servers)
			}
		}
	}
	return nil
}
