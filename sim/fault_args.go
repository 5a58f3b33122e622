package sim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// arguments is how the words that follow a fault's name are written, read and printed.
type arguments struct {
	form  string
	parse func(*Fault, []string) error
	print func(*Fault) []string
}

var (
	noNames  = arguments{"", takeNames(0), printNames}
	oneName  = arguments{"NAME", takeNames(1), printNames}
	twoNames = arguments{"NAME NAME", takeNames(2), printNames}

	nameAndSpan     = arguments{"NAME TIME", takeSpan(1), printSpan}
	twoNamesAndSpan = arguments{"NAME NAME TIME", takeSpan(2), printSpan}

	twoNamesAndBandwidth = arguments{"NAME NAME BANDWIDTH", takeBandwidth, printBandwidth}

	arrow           = arguments{"NAME > NAME", takeArrow, printArrow}
	arrowAndMessage = arguments{"NAME > NAME KIND", takeArrow, printArrow}

	groups      = arguments{"NAME ... | NAME ...", takeGroups, printGroups}
	nameAndRate = arguments{"NAME RATE", takeRate, printRate}
	nameAndJump = arguments{"NAME ±TIME", takeJump, printJump}
)

func takeNames(n int) func(*Fault, []string) error {
	return func(f *Fault, words []string) error { return f.take(words, n) }
}

func (f *Fault) take(words []string, n int) error {
	if len(words) != n {
		return fmt.Errorf("expected %s, not %d words", howManyNames(n), len(words))
	}
	for _, w := range words {
		if !validName(w) {
			return fmt.Errorf("%q is not a valid name: a name has no |, > or #, and does not "+
				"begin with a digit", w)
		}
	}
	if n > 0 {
		f.Who = append([]string(nil), words...)
	}
	return nil
}

func validName(s string) bool {
	return s != "" && !strings.ContainsAny(s, "|>#") && !(s[0] >= '0' && s[0] <= '9')
}

func howManyNames(n int) string { return [...]string{"no name", "one name", "two names"}[n] }

func printNames(f *Fault) []string { return f.Who }

func takeSpan(names int) func(*Fault, []string) error {
	return func(f *Fault, words []string) (err error) {
		if len(words) != names+1 {
			return fmt.Errorf("expected %s and a time", howManyNames(names))
		}
		if f.Span, err = ParseTime(words[names]); err != nil {
			return err
		}
		return f.take(words[:names], names)
	}
}

func printSpan(f *Fault) []string { return append(slices.Clip(f.Who), f.Span.String()) }

func takeBandwidth(f *Fault, words []string) error {
	if len(words) != 3 {
		return errors.New("expected two names and a bandwidth such as 100Mbit")
	}
	limit, err := ParseBandwidth(words[2])
	if err != nil {
		return err
	}
	f.Rate = int64(limit)
	return f.take(words[:2], 2)
}

func printBandwidth(f *Fault) []string {
	return append(slices.Clip(f.Who), Bandwidth(f.Rate).String())
}

func takeArrow(f *Fault, words []string) error {
	want, what := 3, "two names with > between them"
	if f.Kind == FaultHold {
		want, what = 4, what+", followed by a kind of message"
	}
	if len(words) != want || words[1] != ">" {
		return fmt.Errorf("expected %s", what)
	}
	if f.Kind == FaultHold {
		f.Message = words[3]
	}
	return f.take([]string{words[0], words[2]}, 2)
}

func printArrow(f *Fault) []string {
	words := []string{f.Who[0], ">", f.Who[1]}
	if f.Kind == FaultHold {
		words = append(words, f.Message)
	}
	return words
}

func takeGroups(f *Fault, words []string) error {
	group := []string{}
	seen := map[string]bool{}
	for i := 0; i <= len(words); i++ {
		if i == len(words) || words[i] == "|" {
			if len(group) == 0 {
				return errors.New("a group is empty: write a name on each side of |")
			}
			f.Groups = append(f.Groups, group)
			group = []string{}
			continue
		}
		if !validName(words[i]) {
			return fmt.Errorf("%q is not a valid name: a name has no |, > or #, and does not "+
				"begin with a digit", words[i])
		}
		if seen[words[i]] {
			return fmt.Errorf("%q appears twice: write each name once", words[i])
		}
		seen[words[i]] = true
		group = append(group, words[i])
	}
	if len(f.Groups) < 2 {
		return errors.New("expected at least two groups with | between them")
	}
	return nil
}

func printGroups(f *Fault) (words []string) {
	for i, g := range f.Groups {
		if i > 0 {
			words = append(words, "|")
		}
		words = append(words, g...)
	}
	return words
}

func takeRate(f *Fault, words []string) error {
	if len(words) != 2 || !strings.HasPrefix(words[1], "x") {
		return errors.New("expected a name and a rate such as x1.2")
	}
	whole, fraction, _ := strings.Cut(words[1][1:], ".")
	n, err := strconv.ParseUint(whole, 10, 32)
	for len(fraction) < 3 {
		fraction += "0"
	}
	m, err2 := strconv.ParseUint(fraction, 10, 32)
	f.Rate = int64(n)*1000 + int64(m)
	if err != nil || err2 != nil || len(fraction) > 3 || f.Rate < 100 || f.Rate > 10_000 {
		return errors.New("the rate must lie between x0.1 and x10, with three decimals at most")
	}
	return f.take(words[:1], 1)
}

func printRate(f *Fault) []string {
	rate := "x" + strconv.FormatInt(f.Rate/1000, 10)
	if rest := f.Rate % 1000; rest != 0 {
		rate += "." + strings.TrimRight(strconv.FormatInt(1000+rest, 10)[1:], "0")
	}
	return []string{f.Who[0], rate}
}

func takeJump(f *Fault, words []string) error {
	if len(words) != 2 || words[1] == "" || words[1][0] != '+' && words[1][0] != '-' {
		return errors.New("expected a name and a jump such as +1h or -30s")
	}
	span, err := ParseTime(words[1][1:])
	if err != nil {
		return err
	}
	if words[1][0] == '-' {
		span = -span
	}
	f.Span = span
	return f.take(words[:1], 1)
}

func printJump(f *Fault) []string {
	if f.Span < 0 {
		return []string{f.Who[0], f.Span.String()}
	}
	return []string{f.Who[0], "+" + f.Span.String()}
}
