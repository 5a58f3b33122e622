package learn

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

var search = flag.Int("search", 0, "print this many one-line answers of each break exercise")

// singles are plans of one fault: each kind of fault, at each machine, at many moments.
func singles(s *fuzz.Schedule) (list []string) {
	var servers, all []string
	for i := range s.Servers {
		servers = append(servers, fmt.Sprintf("S%d", i+1))
	}
	for i := range s.Clients {
		all = append(all, string(rune('A'+i)))
	}
	all = append(slices.Clone(servers), all...)
	var what []string
	for _, n := range all {
		what = append(what, "crash "+n, "pause "+n+" 500ms", "pause "+n+" 2s", "pause "+n+" 6s",
			"clock "+n+" x0.5", "clock "+n+" x2", "wall "+n+" +1h", "wall "+n+" -1h")
	}
	for _, n := range servers {
		rest := strings.Join(slices.DeleteFunc(slices.Clone(servers), func(o string) bool {
			return o == n
		}), " ")
		what = append(what, "power "+n, "fsync "+n+" 400ms", "fail-fsync "+n, "full "+n, "tear "+n,
			"split "+n+" | "+rest)
	}
	for i := range s.Clients {
		n := string(rune('A' + i))
		what = append(what, "expire "+n, "split "+n+" | "+strings.Join(servers, " "))
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			what = append(what, "cut "+a+" "+b, "reset "+a+" "+b, "delay "+a+" "+b+" 400ms",
				"hold "+a+" > "+b)
		}
	}
	for at := 3 * sim.Second; at < s.Length; at += 4 * sim.Second {
		for _, w := range what {
			list = append(list, fmt.Sprintf("%s %s", at, w))
		}
	}
	return list
}

// breaking returns those of the plans that break a check with the flaw and none without it, at most
// n.
func breaking(t *testing.T, stage string, plans []string, n int) (list []string) {
	for _, plan := range plans {
		s, err := fuzz.Parse("plan", stage+"\n"+plan+"\n")
		if err != nil {
			continue // such as a fault that names nobody
		}
		r, err := s.Play(fuzz.Playing{})
		if err != nil || r.Property == "" {
			continue
		}
		property, text := r.Property, r.Text
		s.Flaw = flaw.None
		if r, err = s.Play(fuzz.Playing{}); err == nil && r.Property == "" {
			if list = append(list, plan+": "+property+" "+text); len(list) == n {
				break
			}
		}
	}
	return list
}

// TestPar: no plan with fewer lines than par shows the flaw: for par 1 the empty plan does not, and
// for par 2 no single fault of those that a search tries.
func TestPar(t *testing.T) {
	for _, x := range All() {
		if x.Kind != Break {
			continue
		}
		s, err := fuzz.Parse(x.ID(), x.stage)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Play(fuzz.Playing{}); err != nil || r.Property != "" {
			t.Errorf("%s: without any fault, %s breaks: %v", x.ID(), r.Property, err)
		}
		plans := singles(&s)
		switch {
		case *search > 0:
			t.Log(x.ID(), "\n"+strings.Join(breaking(t, x.stage, plans, *search), "\n"))
		case x.par > 2:
			t.Errorf("%s: par is %d, and the search tries single faults only", x.ID(), x.par)
		case x.par == 2 && !testing.Short():
			if list := breaking(t, x.stage, plans, 1); len(list) > 0 {
				t.Errorf("%s: par is 2, and one fault suffices: %s", x.ID(), list[0])
			}
			t.Logf("%s: none of %d single faults shows the flaw", x.ID(), len(plans))
		}
	}
}
