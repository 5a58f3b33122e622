// Command counter is an example server for a machine of the lab: copy it to begin a server of your
// own. It keeps a number on its disk, and serves requests on port 1, one request per line:
//
//	add 3      adds, and answers with the sum when it is durable, such as "7"
//	uptime     answers with the milliseconds since the process started, by the machine's own clock
//	ask S2     asks the counter on another machine for its sum, and answers with that
//
// The network and the disk come from package machine. Everything else in the program is ordinary
// Go: goroutines, timers, package time, bufio, net.Conn. The tests of package guest run this
// program with crashes, losses of power, pauses and fast clocks.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/guest/machine"
)

const port = 1

// counter is the number, and the file from which it can be read again: one line for each addition.
type counter struct {
	mu      sync.Mutex
	sum     int
	started time.Time
}

const journal = "journal"

func main() {
	c := &counter{started: time.Now()}
	lines := strings.SplitAfter(string(machine.Read(journal)), "\n")
	good := 0
	for _, line := range lines[:len(lines)-1] { // what follows the last line end was torn off
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			break // the disk may hold zeros after a loss of power
		}
		c.sum, good = c.sum+n, good+len(line)
	}
	machine.Truncate(journal, good)
	l, err := machine.Listen(port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			for in := bufio.NewScanner(conn); in.Scan(); {
				fmt.Fprintln(conn, c.answer(in.Text()))
			}
		}()
	}
}

func (c *counter) answer(request string) string {
	verb, arg, _ := strings.Cut(request, " ")
	n, err := strconv.Atoi(arg)
	switch {
	case verb == "add" && err == nil:
		return c.add(n)
	case verb == "uptime":
		return strconv.Itoa(int(time.Since(c.started).Milliseconds()))
	case verb == "ask":
		return ask(arg)
	}
	return "error: unknown request"
}

// add answers only when the addition is durable. A disk that fails ends the process: what it holds
// is unknown until it is read again.
func (c *counter) add(n int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	machine.Append(journal, fmt.Appendln(nil, n))
	if err := machine.Sync(journal, ""); err != nil {
		panic(err)
	}
	c.sum += n
	return strconv.Itoa(c.sum)
}

// ask asks the counter on another machine, with a second of patience.
func ask(name string) string {
	conn, err := machine.Dial(name, port, time.Second)
	if err != nil {
		return "error: " + err.Error()
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	fmt.Fprintln(conn, "add 0")
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "error: " + err.Error()
	}
	return strings.TrimSpace(answer)
}
