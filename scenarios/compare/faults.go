package compare

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
)

// Fault is a plan of faults with a name. Most plans make the leader fail, so that the fail-over can
// be measured.
type Fault struct {
	Name  string
	Stays bool // the leader may keep leading, without a fail-over
	lines func(servers int) string
	long  sim.Time // the time from the plan's first line to its last; 0 if short
}

// NewFault returns a fault with this name and plan. If the plan's lines do not all act at about the
// same time, state with [Fault.Lasts] how long the plan takes.
func NewFault(name, plan string) Fault {
	return Fault{Name: name, lines: func(int) string { return plan }}
}

// Lasts returns a copy of the fault whose runs are longer by the given time.
func (f Fault) Lasts(long sim.Time) Fault {
	f.long = long
	return f
}

// Plan returns the fault's lines, for an ensemble of this size.
func (f Fault) Plan(servers int) string { return f.lines(servers) }

// length is how long a run continues after the fault begins; detect is the average time of a
// detection.
func (f Fault) length(detect sim.Time) sim.Time {
	return f.long + max(5*sim.Second, 5*detect)
}

// faultAt is the time at which every fault begins.
const faultAt = 6 * sim.Second

func leaderCrashes() Fault {
	return NewFault("the leader crashes", faultAt.Seconds()+" crash LEADER")
}

// UsualFaults returns the two faults that zablab compare measures without flags: one that breaks
// the leader's connections, and one that only makes it silent.
func UsualFaults() []Fault { return []Fault{leaderCrashes(), CutOff()} }

// Faults returns the faults that zablab compare --only failover measures.
func Faults() []Fault {
	at := faultAt.Seconds()
	return []Fault{
		leaderCrashes(),
		NewFault("the leader loses power", at+" power LEADER"),
		NewFault("the leader pauses for 5s", at+" pause LEADER 5s").Lasts(5 * sim.Second),
		CutOff(),
		{Name: "no server receives messages from the leader", lines: func(servers int) (text string) {
			for i := 1; i <= servers; i++ {
				text += fmt.Sprintf("%s cut LEADER > S%d\n", at, i)
			}
			return text
		}},
		{
			Name: "a flapping link to the leader", Stays: true, long: 5 * sim.Second,
			lines: func(int) (text string) {
				for i := range sim.Time(5) { // cut for half a second, then healed for half a second
					t := faultAt + i*sim.Second
					text += fmt.Sprintf("%s split LEADER | NEXT\n%s heal\n",
						t.Seconds(), (t + 500*sim.Millisecond).Seconds())
				}
				return text
			},
		},
		Shunned(),
		{
			Name: "all servers restart in turn", Stays: true, long: 9 * sim.Second,
			lines: func(servers int) (text string) {
				for i := range sim.Time(servers) {
					t := faultAt + i*sim.Second
					text += fmt.Sprintf("%s crash S%d\n%s restart S%d\n",
						t.Seconds(), i+1, (t + 300*sim.Millisecond).Seconds(), i+1)
				}
				return text
			},
		},
		{Name: "all servers lose power and restart", lines: func(servers int) (text string) {
			for i := 1; i <= servers; i++ {
				text += fmt.Sprintf("%s power S%d\n%s restart S%d\n",
					at, i, (faultAt + 500*sim.Millisecond).Seconds(), i)
			}
			return text
		}},
	}
}

// CutOff returns the fault that cuts the leader off from all other servers. They notice only its
// silence, so the fail-over shows how the settings of failure detection differ.
func CutOff() Fault {
	return NewFault("the leader is cut off", faultAt.Seconds()+" split LEADER | OTHERS")
}

// Shunned returns the fault that cuts a follower off for three seconds. No election is needed. But
// in Raft without PreVote the follower comes back with a higher term, and so forces an election.
func Shunned() Fault {
	return Fault{
		Name: "a follower is cut off for 3s", Stays: true, long: 3 * sim.Second,
		lines: func(servers int) (text string) {
			at := faultAt.Seconds()
			for i := 1; i <= servers; i++ {
				text += fmt.Sprintf("%s cut NEXT > S%d\n%s cut S%d > NEXT\n", at, i, at, i)
			}
			return text + (faultAt + 3*sim.Second).Seconds() + " heal\n"
		},
	}
}

// Check returns an error if the plan has no fault, if a line of the plan cannot be read, if a fault
// comes before the time that clients need for their first write, or if a line names a server or
// client that does not exist.
func (f Fault) Check(servers int) error {
	fixed, aimed, err := Aim(f.lines(servers))
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
		return errors.New("the plan has no fault: write a fault, such as 6s crash LEADER")
	}
	for _, x := range all {
		if x.When.Trigger == 0 && x.When.At < faultAt {
			return fmt.Errorf("%s: this fault is too early: clients need the time before %s to "+
				"connect and make their first write: choose %s or later", x, faultAt.Seconds(),
				faultAt.Seconds())
		}
		for _, name := range append(slices.Concat(x.Groups...), x.Who...) {
			n, err := strconv.Atoi(strings.TrimPrefix(name, "S"))
			client := len(name) == 1 && name[0] >= 'A' && name[0] <= 'C'
			if !client && (err != nil || n < 1 || n > servers) {
				return fmt.Errorf("%s: no server or client is called %s: use a server (S1 to "+
					"S%d), a client (A to C), LEADER, OTHERS, NEXT, NEXT2, NEXT3 or NEXT4",
					x, name, servers)
			}
		}
	}
	return nil
}
