package serve

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/gateway/live"
	"github.com/zablab/zablab/sim"
)

// prompt carries out the lines of standard input, one by one.
type prompt struct {
	host *live.Host
	in   io.Reader
	out  io.Writer
	quit func()
}

const help = `crash S2, restart S2, power S1, pause S3 5s, split S1 | S2 S3, cut S1 > S2, heal,
expire C1, clock S2 x1.2 and so on: inject a fault now, written as in a plan but without a
time; LEADER stands for the current leader
status: the servers and the clients; quit: end, and judge what the clients saw
`

// read reads lines until the end of the input. The end of the input does not end the session.
func (p *prompt) read() {
	lines := bufio.NewScanner(p.in)
	for lines.Scan() {
		switch line := strings.TrimSpace(lines.Text()); line {
		case "":
		case "quit", "exit":
			p.quit()
			return
		case "help", "?":
			fmt.Fprint(p.out, help)
		case "status":
			fmt.Fprint(p.out, p.status())
		default:
			p.inject(line)
		}
	}
}

var leader = regexp.MustCompile(`\bLEADER\b`)

// later is a fault whose LEADER is known only at its moment.
type later struct {
	at   sim.Time
	line string
}

// after is the real time until its moment.
func (l *later) after(speed int) time.Duration {
	return time.Duration(l.at) * time.Microsecond / time.Duration(speed)
}

// takeLater moves the lines of a plan that name LEADER to f.later, and returns the others.
func (f *flags) takeLater(text string) (rest string, err error) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !leader.MatchString(line) || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		moment, fault, _ := strings.Cut(strings.TrimSpace(line), " ")
		at, err := sim.ParseTime(moment)
		if err == nil {
			_, err = sim.ParseFault(leader.ReplaceAllString(fault, "S1"))
		}
		if err != nil {
			return "", fmt.Errorf("fault %q: %w: write a time and a fault, such as 10s crash LEADER", line,
				err)
		}
		f.later = append(f.later, later{at, fault})
		lines[i] = ""
	}
	return strings.Join(lines, "\n"), nil
}

// inject makes a fault now.
func (p *prompt) inject(line string) {
	var err error
	closed := p.host.Do(func(w *gateway.World) {
		if name := w.Ensemble.LeaderName(); name != "" {
			line = leader.ReplaceAllString(line, name)
		} else if leader.MatchString(line) {
			err = fmt.Errorf("%s: there is no leader now: wait until status shows one, or name a "+
				"server", line)
			return
		}
		err = w.Inject(gateway.Input{Kind: gateway.Fault, Line: line})
	})
	switch {
	case closed != nil:
	case err != nil:
		fmt.Fprintf(p.out, "%v (write help for a list of commands)\n", err)
	default:
		fmt.Fprintf(p.out, "%s: done\n", line)
	}
}

// status describes the servers and the clients.
func (p *prompt) status() string {
	var b strings.Builder
	_ = p.host.Do(func(w *gateway.World) {
		e := w.Ensemble
		fmt.Fprintf(&b, "%s\n", e.Now().Seconds())
		for _, m := range e.Servers() {
			s := e.Server(m.ID)
			switch {
			case s == nil:
				fmt.Fprintf(&b, "%s  down\n", m.Name)
			case m.Paused():
				fmt.Fprintf(&b, "%s  paused\n", m.Name)
			default:
				fmt.Fprintf(&b, "%s  %v, epoch %d, last zxid %v\n", m.Name, s.Peer().State(),
					s.Peer().Epoch(), s.Peer().LastZxid())
			}
		}
		for _, c := range e.Clients() {
			state := "not connected"
			if c.Connected() {
				state = "connected"
			}
			fmt.Fprintf(&b, "%s  %s, session %#x\n", c.Name, state, c.Session())
		}
	})
	return b.String()
}
