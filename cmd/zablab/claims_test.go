package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/claims"
)

// TestClaims: the evidence of every claim agrees with its document, and four simplifications of the
// tutorial do not hold.
func TestClaims(t *testing.T) {
	code, out, errOut := zablab("claims", "--json")
	if code != command.OK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var doc struct{ Claims []claims.Claim }
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]claims.Verdict)
	for _, c := range doc.Claims {
		if len(c.Evidence) == 0 || got[c.ID] != "" {
			t.Errorf("%s: %d pieces of evidence, or listed twice", c.ID, len(c.Evidence))
		}
		got[c.ID] = c.Verdict
		for _, e := range c.Evidence { // as zablab claims prints its place
			place := fmt.Sprintf("%s:%d", e.Document, e.Line)
			code, out, errOut := zablab("read", place)
			if code != command.OK || !strings.Contains(out, "## "+c.ID+"\n") ||
				strings.Count(out, "\n  ## ") != 1 || !strings.HasSuffix(out, "zablab claims "+c.ID+"\n") {
				t.Errorf("read %s: exit %d, %s%s", place, code, out, errOut)
			}
		}
		if c.Verdict != claims.Holds && c.Instead == "" {
			t.Errorf("%s: what is true instead?", c.ID)
		}
	}
	for id, want := range map[string]claims.Verdict{
		"ephemeral-goes-at-once":          claims.HoldsIf,
		"the-connection-is-the-heartbeat": claims.DoesNotHold, "no-timers": claims.DoesNotHold,
		"told-the-moment-the-leader-dies": claims.HoldsIf, "one-create-wins": claims.Holds,
	} {
		if got[id] != want {
			t.Errorf("%s: %s, want %s", id, got[id], want)
		}
	}
	if len(doc.Claims) < 45 {
		t.Errorf("%d claims", len(doc.Claims))
	}
}

// TestClaimsStop: an interrupt ends the command within a seed, and no verdict is printed.
func TestClaimsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	var out, errOut bytes.Buffer
	began := time.Now()
	code := run(ctx, []string{"claims", "--seeds", "100000"}, &out, &errOut)
	if took := time.Since(began); code != command.Interrupted || took > 30*time.Second ||
		out.Len()+errOut.Len() > 0 {
		t.Errorf("exit %d after %v: %s%s", code, took, &out, &errOut)
	}
}

func TestClaimsChosen(t *testing.T) {
	code, out, _ := zablab("claims", "no-timers", "--seeds", "2")
	if code != command.OK || !strings.Contains(out, "does not hold") ||
		!strings.Contains(out, "1 do not hold; each was played with 2 seeds") {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, args := range [][]string{{"claims", "nosuch"}, {"claims", "--seeds", "0"}} {
		code, out, errOut := zablab(args...)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}
