package why

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// zxid is an epoch and a counter.
type zxid struct{ e, c int64 }

func (z zxid) String() string { return fmt.Sprintf("%d/%d", z.e, z.c) }

// less orders zxids.
func (z zxid) less(o zxid) bool { return z.e < o.e || z.e == o.e && z.c < o.c }

// follows reports whether z may come directly after o in a log.
func (z zxid) follows(o zxid) bool { return z.e == o.e && z.c == o.c+1 || z.e > o.e && z.c == 1 }

// parse reads a zxid; 0/0 for anything else.
func parse(s string) (z zxid) {
	e, c, ok := strings.Cut(s, "/")
	if !ok {
		return z
	}
	var err1, err2 error
	z.e, err1 = strconv.ParseInt(e, 10, 64)
	z.c, err2 = strconv.ParseInt(c, 10, 64)
	if err1 != nil || err2 != nil {
		return zxid{}
	}
	return z
}

func later(a, b zxid) zxid {
	if a.less(b) {
		return b
	}
	return a
}

var ballotPattern = regexp.MustCompile(`\{(\d) (\d+/\d+) (\d+)\}`)

// votes reads the votes in a sentence: {server zxid epoch}. Of two it says which the rule prefers.
func votes(text string) (list []string) {
	var all []vote
	for _, m := range ballotPattern.FindAllStringSubmatch(text, -1) {
		v := vote{whom: "S" + m[1], z: parse(m[2])}
		v.epoch, _ = strconv.ParseInt(m[3], 10, 64)
		all = append(all, v)
		ballot := m[0]
		list = append(list, fmt.Sprintf("%s means: a vote for %s with the last zxid %v and the "+
			"epoch %d", ballot, v.whom, v.z, v.epoch))
	}
	if len(all) != 2 {
		return list
	}
	reason := "the server number"
	switch a, b := all[0], all[1]; {
	case a.epoch != b.epoch:
		reason = "the epoch"
	case a.z != b.z:
		reason = "the zxid"
	}
	best := 0
	if better(all[1], all[0]) {
		best = 1
	}
	ballots := ballotPattern.FindAllString(text, -1)
	first, second, winner := ballots[0], ballots[1], ballots[best]
	answer := "false"
	if strings.Contains(text, "each beats") {
		answer = "true"
	}
	return append(list,
		fmt.Sprintf("the server's comparison returned %s for \"%s beats %s\", and %[1]s for "+
			"\"%[3]s "+
			"beats %[2]s\"", answer, first, second),
		fmt.Sprintf("by rule L9, the vote %s beats the other vote, because of %s", winner, reason))
}
