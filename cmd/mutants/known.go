package main

import (
	"cmp"
	_ "embed" // the table
	"encoding/json"
	"fmt"
	"strings"
)

// The classes of mutants that no run can convict.
const (
	equivalent = "equivalent"   // no run can differ in what a message, a disk or a client shows
	outOfReach = "out of reach" // the fuzzer's runs never run the line, or never with such values
)

// known is what a reader has found of a mutant, and why. It counts as long as the function has the
// same text, because the reason is about that text.
type known struct {
	File   string `json:"file"`
	Within string `json:"within"` // see Mutant.Within
	At     int    `json:"at"`
	Kind   string `json:"kind"`
	Now    string `json:"now"`
	Then   string `json:"becomes"`
	Class  string `json:"class"`
	Why    string `json:"why"`
	// Tried says how a second person tried to find a run in which the mutant differs from the
	// engine, and failed. It is empty if nobody has tried.
	Tried string `json:"tried,omitempty"`
}

//go:embed testdata/known.jsonl
var knownTable string

// readKnown reads the table of mutants that readers have classified.
func readKnown(text string) (list []known, err error) {
	line := 0
	for s := range strings.Lines(text) {
		line++
		var k known
		if err := json.Unmarshal([]byte(s), &k); err != nil {
			return nil, fmt.Errorf("known.jsonl:%d: the line is not a JSON object that "+
				"classifies a mutant: %w", line, err)
		}
		if k.Class != equivalent && k.Class != outOfReach || k.Why == "" {
			return nil, fmt.Errorf("known.jsonl:%d: the key \"class\" must be %q or %q, and the "+
				"key \"why\" must give the reason",
				line, equivalent, outOfReach)
		}
		list = append(list, k)
	}
	return list, nil
}

// of returns what is known of a mutant, or nil.
func (m *Mutant) of(list []known) *known {
	for i := range list {
		if k := &list[i]; k.File == m.File && k.Within == m.Within && k.At == m.At &&
			k.Kind == m.Kind && k.Now == m.Now && k.Then == m.Then {
			return k
		}
	}
	return nil
}

// named returns the identity of a function's text: its name and a hash.
func named(receiver, name, text string) string {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return strings.TrimPrefix(receiver+"."+name, ".") + fmt.Sprintf(" %08x", h)
}

// classes counts known mutants by class, and returns the rest.
func classes(list []Mutant, table []known) (left []Mutant, count map[string]int) {
	count = make(map[string]int)
	for i := range list {
		if k := list[i].of(table); k != nil {
			count[k.Class]++
		} else {
			left = append(left, list[i])
		}
	}
	return left, count
}

// perCent returns a share in per cent, rounded down.
func perCent(n, of int) int { return 100 * n / cmp.Or(of, 1) }
