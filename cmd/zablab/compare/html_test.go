package compare

import (
	"strings"
	"testing"
)

// TestCommandLine: the command in a report gives the same report when it is typed again.
func TestCommandLine(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "zablab compare"},
		{"--json --seeds 3 --html /tmp/a/report.html",
			"zablab compare --html report.html --seeds 3"},
		{"--prevote=false --servers 3,5 --plan dir/my.plan",
			"zablab compare --plan my.plan --prevote=false --servers 3,5"},
		{"--fault|6s cut LEADER > S1|--fault|it's",
			`zablab compare --fault '6s cut LEADER > S1' --fault 'it'\''s'`},
		{"--full", "zablab compare --full=true"},
	} {
		args := strings.Fields(c.args)
		if strings.Contains(c.args, "|") {
			args = strings.Split(c.args, "|")
		}
		cmd := Command()
		cmd.Flags().Bool("json", false, "")
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		if got := commandLine(cmd); got != c.want {
			t.Errorf("%s: %s, want %s", c.args, got, c.want)
		}
	}
}
