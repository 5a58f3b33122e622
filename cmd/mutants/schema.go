package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A schema is the engine with many mutants in one binary, each with a switch: an environment
// variable says which one is on. So a compiler runs once for all of them. Mutants of one place
// cannot share a schema, and a changed number of a constant has no switch.

// variable is the environment variable with the number of the mutant that is on.
const variable = "ZABLAB_MUTANT"

// switchFile is a file that a schema adds to each package.
const switchFile = `package %s

import (
	"os"
	"strconv"
)

var mutantNumber, _ = strconv.Atoi(os.Getenv("` + variable + `"))

func mutantOn(n int) bool { return mutantNumber == n }

func mutantOf[T any](n int, now, then T) T {
	if mutantNumber == n {
		return then
	}
	return now
}

var _ = mutantOn
`

// switched returns the text that behaves like the original, or, if mutant n is on, like the mutant.
// ok is false if there is no such text.
func (m *Mutant) switched(n int) (text string, ok bool) {
	on := fmt.Sprintf("mutantOn(%d)", n)
	switch m.Kind {
	case negated:
		return fmt.Sprintf("(%s) != %s", m.Now, on), true
	case never:
		return fmt.Sprintf("!%s && (%s)", on, m.Now), true
	case dropped:
		return fmt.Sprintf("if !%s {\n%s\n}", on, m.Now), true
	case swapped:
		return fmt.Sprintf("if %s {\n%s\n} else {\n%s\n}", on, m.Then, m.Now), true
	case conjunct:
		return m.conjunct(on)
	case constant:
		return fmt.Sprintf("mutantOf[%s](%d, %s, %s)", m.typed, n, m.Now, m.Then), m.typed != ""
	case boundary:
		left, right := m.sides()
		if strings.HasSuffix(m.Operator, "=") {
			return fmt.Sprintf("(%s && !(%s && %s == %s))", m.Now, on, left, right), true
		}
		return fmt.Sprintf("(%s || %s && %s == %s)", m.Now, on, left, right), true
	}
	return "", false
}

// sides are the two sides of a comparison, an && or an ||.
func (m *Mutant) sides() (left, right string) {
	return m.Now[:m.split], m.Now[m.split+len(m.Operator):]
}

func (m *Mutant) conjunct(on string) (string, bool) {
	left, right := m.sides()
	skip := on + " ||"
	if m.Operator == "||" {
		skip = "!" + on + " &&"
	}
	if m.keepsLeft {
		return fmt.Sprintf("((%s) %s (%s (%s)))", left, m.Operator, skip, right), true
	}
	return fmt.Sprintf("((%s (%s)) %s (%s))", skip, left, m.Operator, right), true
}

// schemas divides some mutants of a list into lists that can share a binary, and those that cannot
// share one.
func schemas(list []Mutant, some []int) (shared [][]int, alone []int) {
	for _, i := range some {
		m := &list[i]
		if _, ok := m.switched(1); !ok {
			alone = append(alone, i)
			continue
		}
		placed := false
		for k := range shared {
			if !slices.ContainsFunc(shared[k], func(j int) bool { return m.clashes(&list[j]) }) {
				shared[k], placed = append(shared[k], i), true
				break
			}
		}
		if !placed {
			shared = append(shared, []int{i})
		}
	}
	return shared, alone
}

// clashes reports whether two mutants cannot share a binary. Numbers share none with other kinds:
// if one does not fit its type, only numbers have to be built alone.
func (m *Mutant) clashes(o *Mutant) bool {
	return m.overlaps(o) || (m.Kind == constant) != (o.Kind == constant)
}

func (m *Mutant) overlaps(o *Mutant) bool {
	return m.File == o.File && m.from < o.to && o.from < m.to
}

// schema returns the files of a schema: those of the source with all switches, and those that it
// adds.
func schema(list []Mutant, which []int, source func(file string) ([]byte, error)) (
	files map[string][]byte, err error,
) {
	files = make(map[string][]byte)
	byFile := make(map[string][]int)
	for _, i := range which {
		byFile[list[i].File] = append(byFile[list[i].File], i)
	}
	for file, of := range byFile { // order: each file alone
		text, err := source(file)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(of, func(a, b int) int { return list[b].from - list[a].from })
		for _, i := range of {
			m := &list[i]
			now, _ := m.switched(i + 1)
			text = slices.Concat(text[:m.from], []byte(now), text[m.to:])
		}
		files[file] = text
	}
	for _, dir := range packages {
		files[dir+"/mutant_switch.go"] = fmt.Appendf(nil, switchFile, path.Base(dir))
	}
	return files, nil
}
