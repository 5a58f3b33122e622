package why

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// subjects are what the sentence of a check speaks of.
type subjects struct {
	nodes    []string // servers and clients
	zxids    []zxid
	paths    []string
	sessions []string // "0x…"
	named    int      // so many zxids are in the sentence of the check
	text     string   // the sentence of the check
	steps    []int64
}

var (
	wordPattern    = regexp.MustCompile(`\b(S[1-9]|[A-Z])\b`)
	zxidPattern    = regexp.MustCompile(`\b\d+/\d+\b`)
	pathPattern    = regexp.MustCompile(`(?:^|[\s("])(/[A-Za-z][^\s,:;)"\]]*)`)
	namePattern    = regexp.MustCompile(`\b[0-9a-f]+-[a-z]_\d{10}\b`)
	tokenPattern   = regexp.MustCompile(`\b\d{10,12}\b`)
	sessionPattern = regexp.MustCompile(`\b(?:0x)?([1-9a-f][0-9a-f]{13,15})\b`)
)

// newSubjects finds the subjects of a failure: what its sentence names, and the machines at which
// it shows.
func newSubjects(f *Failure) *subjects {
	s := &subjects{steps: f.Steps, text: f.Text}
	s.add(f.Header, f.Text)
	s.named = len(s.zxids)
	for _, d := range f.Details {
		s.add(f.Header, d)
	}
	last := f.Broke
	if e := &f.Events[last]; e.K == "violation" && e.Cause >= 0 {
		last = e.Cause
	}
	for _, i := range append([]int64{last}, f.Steps...) {
		if i < 0 || i >= int64(len(f.Events)) {
			continue
		}
		e := &f.Events[i]
		s.mention(e.N)
		if e.K == "recv" && e.Cause >= 0 {
			s.mention(f.Events[e.Cause].N)
		}
	}
	s.nodes = slices.DeleteFunc(s.nodes, func(n string) bool {
		return !slices.ContainsFunc(f.Header.Nodes, func(o trace.Node) bool { return o.ID == n })
	})
	if f.Property == "VoteOrder" {
		s.zxids = nil // of votes: no transaction is at fault
		s.named = 0
	}
	return s
}

// add adds what a text names.
func (s *subjects) add(h *trace.Header, text string) {
	for _, n := range h.Nodes {
		if n.Kind == "resource" && strings.Contains(text, n.ID) {
			s.mention(n.ID)
		}
	}
	for _, m := range tokenPattern.FindAllString(text, -1) {
		if v, err := strconv.ParseInt(m, 10, 64); err == nil && 0 < v>>32 && v>>32 < 100 &&
			!slices.Contains(s.zxids, zxid{v >> 32, v & (1<<32 - 1)}) {
			s.zxids = append(s.zxids, zxid{v >> 32, v & (1<<32 - 1)})
		}
	}
	for _, m := range wordPattern.FindAllString(text, -1) {
		if slices.ContainsFunc(h.Nodes, func(n trace.Node) bool { return n.ID == m }) {
			s.mention(m)
		}
	}
	for _, m := range zxidPattern.FindAllString(text, -1) {
		if z := parse(m); z.e > 0 && !slices.Contains(s.zxids, z) {
			s.zxids = append(s.zxids, z)
		}
	}
	for _, m := range pathPattern.FindAllStringSubmatch(text, -1) {
		if p := strings.TrimRight(m[1], ".'"); !slices.Contains(s.paths, p) {
			s.paths = append(s.paths, p)
		}
	}
	for _, m := range namePattern.FindAllString(text, -1) {
		for _, p := range s.paths {
			if full := p + "/" + m; !strings.Contains(p, m) && !slices.Contains(s.paths, full) {
				s.paths = append(s.paths, full)
				break
			}
		}
	}
	for _, m := range sessionPattern.FindAllStringSubmatch(text, -1) {
		if id := "0x" + m[1]; !slices.Contains(s.sessions, id) {
			s.sessions = append(s.sessions, id)
		}
	}
}

// mention adds a machine.
func (s *subjects) mention(node string) {
	if node != "" && node != "net" && !slices.Contains(s.nodes, node) {
		s.nodes = append(s.nodes, node)
	}
}

func (s *subjects) hasNode(n string) bool { return slices.Contains(s.nodes, n) }

// hasPath reports whether a path is a subject, or lies below or above one.
func (s *subjects) hasPath(p string) bool {
	return p != "" && slices.ContainsFunc(s.paths, func(o string) bool {
		return p == o || strings.HasPrefix(p, o+"/") || strings.HasPrefix(o, p+"/") && len(p) > 1
	})
}
