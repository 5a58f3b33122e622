package script

import "slices"

// Said is what a text says about a property of a node: nothing, that the node has the property, or
// that the node does not have it.
type Said uint8

// The values of Said: the text does not say whether the node has the property; the node has it; the
// node does not have it.
const (
	Unsaid Said = iota
	Yes
	No
)

// Flags are what an answer may say about its call: whether the created node is ephemeral, whether
// it is sequential, and whether the call has set a watch.
type Flags struct{ Ephemeral, Sequential, Watch Said }

// flagsIn returns the properties that an answer names.
func flagsIn(words []word) (f Flags, err error) {
	if f.Ephemeral, err = saidOf(words, isEphemeral, "ephemeral"); err != nil {
		return f, err
	}
	if f.Sequential, err = saidOf(unranked(words), isSequential, "sequential"); err != nil {
		return f, err
	}
	if f.Watch, err = saidOf(words, isWatch, "watch"); err != nil {
		return f, err
	}
	persistent, fleeting := flag(words, isPersistent)
	switch {
	case persistent && f.Ephemeral == Yes || fleeting && f.Ephemeral == No:
		return f, &misread{why: "the answer says both ephemeral and persistent: keep one"}
	case persistent:
		f.Ephemeral = No
	case fleeting:
		f.Ephemeral = Yes
	}
	return f, nil
}

// unranked removes the words for a sequence number from a text that ranks it: lowest seq.
func unranked(words []word) (list []word) {
	if !slices.ContainsFunc(words, func(w word) bool { return w.is == "seq" }) {
		return words
	}
	for i, w := range words {
		if i == 0 || w.is != "seq" || !ranks.in(words[i-1:i]) {
			list = append(list, w)
		}
	}
	return list
}

// saidOf returns what a text says of one property.
func saidOf(words []word, is func(word) bool, name string) (Said, error) {
	on, off := flag(words, is)
	for i, w := range words { // watch not set, watch: no
		if is(w) && !w.quoted && i+1 < len(words) && negates(words[i+1:]) && !words[i+1].fresh {
			on, off = false, true
		}
	}
	switch {
	case on && off:
		return Unsaid, contradicts(name)
	case on:
		return Yes, nil
	case off:
		return No, nil
	}
	return Unsaid, nil
}
