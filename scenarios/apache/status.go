package apache

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Status is what a server reports about itself.
type Status struct {
	Mode string // leader, follower, observer or standalone; empty while the server does not serve
	Zxid int64
}

// Serves reports whether the server answers clients.
func (s Status) Serves() bool { return s.Mode != "" }

// Leads reports whether the server leads or is standalone.
func (s Status) Leads() bool { return s.Mode == "leader" || s.Mode == "standalone" }

// AskStatus asks a server for its status with the four-letter command srvr, which the server's
// 4lw.commands.whitelist must contain. No answer within a second is an error.
func AskStatus(address string) (Status, error) {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return Status{}, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(c, "srvr"); err != nil {
		return Status{}, err
	}
	var s Status
	in := bufio.NewScanner(c)
	lines := 0
	for ; in.Scan(); lines++ {
		key, value, _ := strings.Cut(in.Text(), ": ")
		switch key {
		case "Mode":
			s.Mode = value
		case "Zxid":
			if s.Zxid, err = strconv.ParseInt(value, 0, 64); err != nil {
				return s, fmt.Errorf("status of %s: the zxid %q is not a number: check that the "+
					"address is that of a ZooKeeper server", address, value)
			}
		}
	}
	if lines == 0 && in.Err() == nil {
		return s, fmt.Errorf("status of %s: the answer is empty: check that the address is that of a "+
			"ZooKeeper server", address)
	}
	return s, in.Err()
}
