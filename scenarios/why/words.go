package why

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	guidPattern     = regexp.MustCompile(`\b([0-9a-f]{12,16})-([a-z])_(0*)(\d+)?`)
	pausePattern    = regexp.MustCompile(`\b(\d+)us\b`)
	fullPattern     = regexp.MustCompile(`^full (\w+)$`)
	wallPattern     = regexp.MustCompile(`^wall (\w+) ([+-].*)$`)
	holdPattern     = regexp.MustCompile(`^hold (.+) > (.+) ([A-Z]+)$`)
	joinsPattern    = regexp.MustCompile(`\bjoins (\w+): (\w+)`)
	preparesPattern = regexp.MustCompile(`\bprepares to lead: (\w+)`)
	microPattern    = regexp.MustCompile(`\b(\d+) µs`)
)

// plainWords replaces phrases of the trace, or of a check, by clearer ones.
var plainWords = strings.NewReplacer(
	"connected, but the session is over", "refused: the session is over",
	" is superfluous", " is one too many",
	"only 1 programs", "only 1 program",
	" holds /leader by leader ", " holds /leader with the node of that name ",
	"connected: restore the watches", "sets its watches again",
)

// plain replaces words in a sentence of the trace, or of a check, by those of the explanation.
func plain(text string) string {
	text = pausePattern.ReplaceAllStringFunc(text, func(m string) string {
		return micro(strings.TrimSuffix(m, "us"))
	})
	text = microPattern.ReplaceAllStringFunc(text, func(m string) string {
		return micro(strings.TrimSuffix(m, " µs"))
	})
	text = fullPattern.ReplaceAllString(text, "the disk of $1 is full from now on")
	text = wallPattern.ReplaceAllString(text, "the wall clock of $1 jumps by $2")
	text = holdPattern.ReplaceAllString(text, "the network holds back every $3 from $1 to $2")
	text = joinsPattern.ReplaceAllString(text, "joins leader $1, in phase $2")
	text = preparesPattern.ReplaceAllString(text, "prepares to lead, in phase $1")
	return plainWords.Replace(text)
}

// micro formats microseconds as seconds.
func micro(us string) string {
	us = strings.Repeat("0", max(0, 7-len(us))) + us
	return us[:len(us)-6] + "." + us[len(us)-6:] + "s"
}

// short shortens the names of sequential nodes: ff7232c20b5f184a-n_0000000002 is ff72…-n_2. Names
// that would be equal keep their GUIDs.
func (x *Explanation) short(text string) string {
	return guidPattern.ReplaceAllStringFunc(text, func(m string) string {
		p := guidPattern.FindStringSubmatch(m)
		if x.guids == nil {
			x.guids = make(map[string]string)
		}
		if o, ok := x.guids[p[1][:4]]; ok && o != p[1] {
			return p[1] + "-" + p[2] + "_" + p[4]
		}
		x.guids[p[1][:4]] = p[1]
		number := p[4]
		if p[3] != "" && number == "" {
			number = "0"
		}
		return p[1][:4] + "…-" + p[2] + "_" + number
	})
}

// named puts the clients' names for sessions into a text.
func (d *fold) named(text string) string {
	for _, n := range d.header.Nodes {
		for i, id := range d.all[n.ID] {
			name := fmt.Sprintf("%s's %s session", n.ID, ordinal(i+1))
			bare := strings.TrimPrefix(id, "0x")
			for _, p := range []string{"session " + id + " of " + n.ID, "session " + bare + " " +
				"of " + n.ID,
				"session " + id, "session " + bare} {
				text = strings.ReplaceAll(text, p, name)
			}
			text = strings.ReplaceAll(text, "owner "+id, "owner "+name)
			text = strings.ReplaceAll(text, "its "+n.ID+"'s", n.ID+"'s")
		}
	}
	return text
}
