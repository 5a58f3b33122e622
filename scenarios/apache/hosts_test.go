package apache

import (
	"fmt"
	"strings"
	"testing"
)

// A client that has lost its connection tries every server once without a rest, and rests before
// each further round. When it rested before every attempt, sessions expired.
func TestHosts(t *testing.T) {
	h := &hosts{list: []string{"S1", "S2", "S3"}}
	var tried []string
	try := func(count int) {
		for range count {
			server, rest := h.Next()
			if rest {
				server = "rest " + server
			}
			tried = append(tried, server)
		}
	}
	try(2)
	h.Connected() // to S2
	try(7)
	want := "S1, S2, S3, S1, S2, rest S3, S1, S2, rest S3"
	if got := strings.Join(tried, ", "); got != want {
		t.Errorf("tried %s, want %s", got, want)
	}
	h, tried = &hosts{list: []string{"S1", "S2"}}, nil
	try(5) // no server answers
	if got, want := fmt.Sprint(tried), "[S1 S2 rest S1 S2 rest S1]"; got != want {
		t.Errorf("tried %s, want %s", got, want)
	}
}
