package witness

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
)

// TestTable compares the table in doc.go with the checks, and with the histories that they reject.
func TestTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(doc), "# What is checked")
	if !found {
		t.Fatal("doc.go has no section \"What is checked\"")
	}
	rows := regexp.MustCompile(`(?m)^//\t([a-z][a-z-]+)  +(.*)$`).FindAllStringSubmatch(table, -1)
	var checks []string
	for _, row := range rows {
		checks = append(checks, row[1])
		for _, name := range strings.Split(strings.TrimSuffix(row[2], ","), ", ") {
			i := slices.IndexFunc(neighbours, func(n neighbour) bool { return n.name == name })
			if i < 0 && !strings.Contains(row[2], "figure") &&
				!strings.HasPrefix(name, "and those") {
				t.Errorf("check %s: no such history: %s", row[1], name)
			} else if i >= 0 && neighbours[i].check != row[1] {
				t.Errorf("history %s breaks %s, but is listed for %s", name,
					neighbours[i].check, row[1])
			}
		}
	}
	report, err := Judge(lin.Record{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Verdicts {
		if !slices.Contains(checks, v.Check) {
			t.Errorf("%s is not in the table", v.Check)
		}
	}
	for _, n := range neighbours {
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(n.name) + `\b`).MatchString(table) {
			t.Errorf("%s is not in the table", n.name)
		}
	}
}
