package steps

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/zab/flaw"
)

// Possible returns why servers of Apache ZooKeeper cannot take the steps of a story, in one
// sentence, or nil if they can.
func Possible(s *explore.Story, list []explore.Moment) error {
	if why := setupReasons(&s.Setup); len(why) > 0 {
		return fmt.Errorf("servers of Apache ZooKeeper cannot take these steps, because %s: leave out --engine",
			strings.Join(why, ", and "))
	}
	var lines []string
	for i := range list {
		if why := reason(&list[i]); why != "" {
			lines = append(lines, fmt.Sprintf("line %d (%s: %s)", list[i].Line.Pos.Line,
				list[i].Line.Text, why))
		}
	}
	switch {
	case len(list) == 0:
		return errors.New("the document has no steps: nothing can be played")
	case len(lines) > 0:
		return fmt.Errorf("servers of Apache ZooKeeper cannot take %s: leave out --engine, or these lines",
			strings.Join(lines, ", "))
	}
	return nil
}

// setupReasons are the reasons why a setup is impossible on real servers.
func setupReasons(s *explore.Setup) (why []string) {
	for _, x := range []struct {
		is  bool
		why string
	}{
		{!s.Oracle, "each vote is a step of its own, and the order of ZooKeeper's votes cannot be " +
			"chosen"},
		{s.Flaw != flaw.None, "they have an injected flaw (flaw=), and ZooKeeper runs its own code"},
		{s.Disks != "", "they begin with prepared disks (disks=), and ZooKeeper begins with empty ones"},
		{s.Observers > 0, "they have observers"},
		{s.Servers != 1 && s.Servers != 3 && s.Servers != 5, "the ensemble is not of 1, 3 or 5 servers"},
		{s.Window != 0 || s.MemoryOnly || s.MaxCounter != 0, "they change limits of the lab's servers " +
			"(window=, memory-only=, counter=)"},
	} {
		if x.is {
			why = append(why, x.why)
		}
	}
	return why
}

// reason is why a step is impossible on real servers, or empty.
func reason(m *explore.Moment) string {
	switch {
	case m.Kind == explore.LosesPower:
		return "a process that is killed loses nothing that it has written"
	case m.Kind == explore.Fires && m.Early:
		return "the timers of a process cannot be set off"
	}
	return ""
}
