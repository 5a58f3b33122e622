package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// compared is a drawing that was played, next to what the expert says.
type compared struct {
	row    row
	failed error // it could not be played at all: every line is unread
	lines  int
	unread int
	alien  int // unread, because it is in a language that the lab does not know
	wrong  int
	right  int
	differ []difference
}

// whole says that no line is unread or wrong; but says the same without the lines in other
// languages.
func (c *compared) whole() bool { return c.but() && c.alien == 0 }
func (c *compared) but() bool   { return c.failed == nil && c.unread == 0 && c.wrong == 0 }

// difference is a line for which the lab and the expert disagree about the kind or the verdict.
type difference struct {
	want expected
	text string // of the copy
	got  *scenarios.Arrow
	what outcome
	why  string
}

// outcome is how a line compares.
type outcome string

const (
	isRight  outcome = "right"
	isUnread outcome = "unread"
	isAlien  outcome = "another language"
	isWrong  outcome = "wrong"
	isOther  outcome = "other" // neither right nor the opposite
)

// play plays a drawing as zablab replay does.
func play(id string, b block) (list []scenarios.Arrow, err error) {
	name := id + ".md"
	if b.first == 1 {
		name = id + ".puml"
	}
	doc, err := diagram.Parse(name, []byte(b.text))
	if err != nil {
		return nil, err
	}
	s, err := script.Compile(doc, script.Options{})
	if t := s.Read(); err != nil && t.Lines > 0 && t.Remarks == t.Lines {
		return remarks(s), nil // nothing to play: the lab says that each line is a remark
	}
	if err != nil {
		return nil, err
	}
	r, err := scenarios.Replay(s, scenarios.Options{})
	if err != nil {
		return nil, err
	}
	for i := range r.Diagrams {
		list = append(list, r.Diagrams[i].Arrows...)
	}
	return list, nil
}

// remarks returns the arrows of a drawing in which the lab finds nothing to play.
func remarks(s *script.Script) (list []scenarios.Arrow) {
	for _, r := range s.Readings() {
		if r.Plays() {
			list = append(list, scenarios.Arrow{Line: r.Line, Kind: r.Kind, Text: r.Text,
				Says: r.Says, Verdict: scenarios.Remark})
		}
	}
	return list
}

// compare plays a drawing and compares each of its lines.
func compare(r row, b block) compared {
	c := compared{row: r}
	arrows, err := play(r.ID, b)
	c.failed = err
	class := ""
	for _, want := range r.Lines {
		class = classOf(want.Reads, class)
		got := at(arrows, b, &want)
		if want.Verdict == "-" && (got == nil || got.Kind == script.Remark ||
			got.Kind == script.Condition) {
			continue
		}
		c.lines++
		what, why := judge(&want, class, got)
		if c.failed != nil {
			what, why = isUnread, c.failed.Error()
		}
		switch what {
		case isRight:
			c.right++
			continue
		case isUnread:
			c.unread++
		case isAlien:
			c.alien++
		case isWrong:
			c.wrong++
		}
		text := ""
		if want.Line <= len(b.lines) {
			text = strings.TrimSpace(b.lines[want.Line-1])
		}
		c.differ = append(c.differ, difference{want, text, got, what, why})
	}
	return c
}

// at returns the arrow of a line of the block; if there are several, the worst. For a line inside a
// note of several lines, it returns the note.
func at(arrows []scenarios.Arrow, b block, want *expected) (worst *scenarios.Arrow) {
	line := want.Line
	for i := range arrows {
		a := &arrows[i]
		worse := worst == nil || a.Verdict.Wrong() && !worst.Verdict.Wrong()
		if a.Line-b.first+1 == line && worse {
			worst = a
		}
	}
	if worst != nil || line > len(b.lines) || want.Verdict == "-" {
		return worst
	}
	text := strings.TrimSpace(b.lines[line-1])
	for i := range arrows {
		a := &arrows[i]
		if a.Line-b.first+1 < line && a.To == "" && text != "" && strings.Contains(a.Text, text) {
			worst = a
		}
	}
	return worst
}

// The kinds of lines of which experts speak, and how the lab may read them.
var classes = map[string][]script.Kind{
	"remark":       {script.Remark},
	"call":         {script.Call, script.Heartbeat},
	"answer":       {script.Reply, script.Heartbeat},
	"notification": {script.Event},
	"message":      {script.Packet, script.Absence},
	"fault":        {script.Fault, script.Happening, script.Wait},
	"expected":     {script.Happening, script.Absence, script.Fault, script.Wait},
}

// classOf is the kind of a line by the first words of the expert's reading, or empty if they do not
// say. "As above" means the kind of the line before.
func classOf(reads, above string) string {
	words := words(reads)
	switch words[0] {
	case "as":
		return above
	case "event":
		return "notification"
	case "NOTIFICATION":
		return "message"
	}
	if _, ok := classes[words[0]]; ok {
		return words[0]
	}
	return ""
}

// words are the words of a reading; there is at least one.
func words(reads string) []string {
	between := func(r rune) bool { return strings.ContainsRune(" ,:;()", r) }
	return append(strings.FieldsFunc(reads, between), "")
}

// judge compares an expert's reading of a line with the lab's.
func judge(want *expected, class string, got *scenarios.Arrow) (what outcome, why string) {
	if want.Verdict == "remark" {
		class = "remark"
	}
	switch {
	case got == nil && class == "remark":
		return isRight, ""
	case got == nil:
		return isWrong, "the lab plays nothing for this line"
	case got.Verdict == scenarios.Unread && strings.Contains(got.Instead, "in another language"):
		return isAlien, got.Instead
	case got.Verdict == scenarios.Unread:
		return isUnread, got.Instead
	case got.Verdict == scenarios.Remark && explains(want, got):
		return isRight, ""
	case want.Verdict == "-":
		return isWrong, "the expert says that the line has no meaning, but the lab plays it"
	case class == "remark" && got.Verdict != scenarios.Remark:
		return isWrong, "the expert says that the line is a remark, but the lab plays it"
	case class != "remark" && got.Verdict == scenarios.Remark:
		return isWrong, "the lab takes the line for a remark, but the expert does not"
	case !fits(want, class, got):
		return isWrong, "the lab and the expert read the line differently"
	}
	w, g := scenarios.Verdict(want.Verdict), got.Verdict
	switch {
	case w == g, w.Wrong() && g.Wrong():
		return isRight, ""
	case w.Wrong() != g.Wrong():
		return isWrong, "the lab's verdict is the opposite of the expert's"
	case w != scenarios.Applied && g != scenarios.Applied, class == "fault", class == "expected",
		got.Kind == script.Condition:
		return isRight, ""
	}
	return isOther, "another verdict"
}

// explains says that a note is a part of another line, for the expert and for the lab.
func explains(want *expected, got *scenarios.Arrow) bool {
	return words(want.Reads)[0] == "parameters" && slices.ContainsFunc(got.Supplied,
		func(s string) bool {
			return strings.HasPrefix(s, "this note shows the parameters of the call in line")
		})
}

// fits says that the lab reads a line as the kind of line that the expert names, and a call as the
// operation that he names.
func fits(want *expected, class string, got *scenarios.Arrow) bool {
	if class == "" || class == "remark" {
		return true
	}
	fit := false
	for _, k := range classes[class] {
		fit = fit || got.Kind == k
	}
	either := got.Kind == script.Reply && strings.HasPrefix(got.Says, "an answer if a call waits for one")
	if !fit && !(class == "notification" && either) {
		return false
	}
	if class != "call" {
		return true
	}
	return operates(words(want.Reads)[1], got)
}

// operates says that a call does what the expert's verb says.
func operates(verb string, got *scenarios.Arrow) bool {
	switch verb {
	case "ping", "connect":
		return got.Kind == script.Heartbeat
	case "watch":
		return strings.Contains(got.Says, ", and watch it")
	case "create", "children", "get", "set", "delete", "exists", "sync", "multi":
		return strings.HasPrefix(got.Says, verb+" ") || strings.HasPrefix(got.Says, verb+":") ||
			strings.HasPrefix(got.Says, verb+",")
	}
	return true // by its words the same as a line above
}

// sum adds up the drawings that were played.
func sum(list []compared) (total compared, whole, but int) {
	for i := range list {
		c := &list[i]
		total.lines += c.lines
		total.unread += c.unread
		total.alien += c.alien
		total.wrong += c.wrong
		total.right += c.right
		if c.whole() {
			whole++
		}
		if c.but() {
			but++
		}
	}
	total.row.Subject = fmt.Sprintf("%d drawings", len(list))
	return total, whole, but
}
