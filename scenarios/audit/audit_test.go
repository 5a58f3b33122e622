package audit

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// TestTable compares the table of properties in doc.go with the constants, with the files that it
// names, and with the runs that break each property: a planted fault, a kept regression, or a test
// of this package.
func TestTable(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^//\t([a-z]+\.go)? +([A-Z]\w+)  +\S`).
		FindAllStringSubmatch(read(t, "doc.go"), -1)
	breaks := read(t, "audit_test.go") + read(t, "../ensemble/planted_test.go")
	kept, err := filepath.Glob("../fuzz/testdata/regressions/*.schedule")
	if err != nil || len(kept) == 0 {
		t.Fatal(kept, err)
	}
	for _, name := range kept {
		breaks += read(t, name)
	}
	listed, file := map[string]bool{}, ""
	for _, row := range rows {
		if row[1] != "" {
			file = row[1]
		}
		name := regexp.MustCompile(`\b` + row[2] + `\b`)
		listed[row[2]] = true
		if !strings.Contains(read(t, file), "a.broken("+row[2]+",") {
			t.Errorf("%s: %s does not check it", row[2], file)
		}
		if !name.MatchString(breaks) {
			t.Errorf("%s: no test breaks it: plant a fault in scenarios/ensemble/planted_test.go",
				row[2])
		}
	}
	constants := regexp.MustCompile(`(?m)^\t(\w+) += "(\w+)"$`).
		FindAllStringSubmatch(read(t, "audit.go"), -1)
	if len(constants) != len(listed) {
		t.Errorf("%d names, and %d in doc.go", len(constants), len(listed))
	}
	for _, c := range constants {
		if c[1] != c[2] || !listed[c[1]] {
			t.Errorf("%s = %q: not in the table of doc.go", c[1], c[2])
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// silent is a program that does nothing.
type silent struct{}

func (silent) Step(sim.Time, sim.Event, []sim.Effect) []sim.Effect { return nil }
func (silent) Deadline() sim.Time                                  { return sim.Never }

// TestBreaks: what no planted fault can bring about is broken by hand.
func TestBreaks(t *testing.T) {
	for name, do := range map[string]func(*Audit, *sim.Machine){
		NoServiceUnlessEstablished: func(a *Audit, m *sim.Machine) {
			a.Replied(m, server.New(server.Config{}, m.Disk()), 7)
		},
		Integrity: func(a *Audit, m *sim.Machine) {
			a.Unreadable(m, zab.MakeZxid(1, 2), errors.New("torn"))
		},
	} {
		for _, muted := range []bool{false, true} {
			w := sim.NewWorld(sim.Config{})
			a := New(w, nil, Config{Servers: 1, Voters: zab.Set(0).With(1), NoSafety: true,
				Mute: func(n string) bool { return muted && n == name }})
			do(a, w.Add("S1", "server", func(*sim.Machine) sim.Program { return silent{} }))
			var v *Violation
			if got := errors.As(w.Err(), &v); got == muted || got && v.Name != name {
				t.Errorf("%s, muted %v: %v", name, muted, w.Err())
			}
		}
	}
}

// TestExpiryKnowsEveryFault: a new kind of fault must say whether it may delay a message or a
// clock. Without that the check of expiry would stay off, or complain of what the fault explains.
func TestExpiryKnowsEveryFault(t *testing.T) {
	for _, kind := range sim.FaultKinds() {
		f := sim.Fault{Kind: kind, Who: []string{"S1", "S2"}}
		(&expiry{}).fault(f, &sim.Machine{Kind: "server"}, 0)
	}
}
