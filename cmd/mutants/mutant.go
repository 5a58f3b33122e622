package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
)

// packages are the packages that mutants can be made of, by their folders.
var packages = []string{"zab", "tree", "tree/server", "tree/client"}

// usual are those of them that mutants are made of unless --in names others. Package tree is used
// by the judges too, so fewer of its mutants can be convicted.
const usual = "zab,tree/server,tree/client"

// leftOut are the files of these packages of which no mutants are made, and why.
var leftOut = []struct{ file, why string }{
	{"doc.go", "has no code"},
	{"flawed.go", "has the bugs that can be injected"},
	{"probe.go", "reports events to the checks, and changes nothing"},
	{"hooks.go", "reports events to the checks, and changes nothing"},
	{"view.go", "shows the state to the checks, and changes nothing"},
	{"key.go", "hashes messages for the fingerprint, which only shows whether two runs are equal"},
	{"hash.go", "hashes nodes for the digest of a tree, which only the checks use"},
	{"digest.go", "compares trees, which only the checks do"},
	{"state.go", "encodes the state of a server for zablab explore; the fuzzer never does this"},
	{"size.go", "counts the bytes of messages, only for statistics and the speed of simulated " +
		"links"},
}

// observed are names of methods of which no mutants are made: they print, feed figures and
// fingerprints, or show the state of a server to its operator.
var observed = []string{"String", "Error", "Name", "Size", "Key", "AppendSessions", "Expiry",
	"AppendWatches"}

// guards are names of functions that end a run, or tell observers something. A mutant does not
// change their calls: a sound engine never ends a run, and the rest changes no behaviour.
var guards = []string{"assert", "fail", "broken", "panic", "refuse"}

// Mutant is one small change of one file.
type Mutant struct {
	File   string `json:"file"` // from the module's folder on
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Kind   string `json:"kind"`
	Now    string `json:"now"`     // the text that is changed
	Then   string `json:"becomes"` // and what it becomes
	// Within is the function that has it, with a hash of its text; "" outside of functions.
	Within string `json:"within,omitempty"`
	At     int    `json:"at,omitempty"` // bytes from the beginning of that function

	from, to int // bytes of the file

	// Of a comparison, an && or an ||: its operator, and where that is in Now.
	Operator  string `json:"operator,omitempty"`
	split     int
	keepsLeft bool // the right side is left out

	typed string // of a number in a function: its type; "" if it cannot have a switch
}

// ID returns the place and the kind of a mutant. Within one version of the source it is unique.
func (m *Mutant) ID() string {
	return fmt.Sprintf("%s:%d:%d:%s", m.File, m.Line, m.Column, m.Kind)
}

// apply returns the file with the change.
func (m *Mutant) apply(source []byte) []byte {
	return slices.Concat(source[:m.from], []byte(m.Then), source[m.to:])
}

// all generates every mutant of some packages below root, sorted by place and kind.
func all(root string, of []string) (list []Mutant, err error) {
	for _, dir := range of {
		if !slices.Contains(packages, dir) {
			return nil, fmt.Errorf("--in: no mutants are made of %q: choose from %s", dir,
				strings.Join(packages, ","))
		}
		names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: no Go files in %s: name the module's folder with --root",
				root, dir)
		}
		injected, err := injectors(filepath.Join(root, filepath.FromSlash(dir), "flawed.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if skips(filepath.Base(name)) {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			more, err := mutantsOf(dir+"/"+filepath.Base(name), source, injected)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	slices.SortFunc(list, func(a, b Mutant) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.from, b.from),
			cmp.Compare(a.to, b.to), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Then, b.Then))
	})
	return list, nil
}

func skips(base string) bool {
	if strings.HasSuffix(base, "_test.go") {
		return true
	}
	for _, l := range leftOut {
		if base == l.file {
			return true
		}
	}
	return false
}

// injectors returns the functions that ask whether a bug is injected: has, and those of flawed.go.
func injectors(name string) (map[string]bool, error) {
	found := map[string]bool{"has": true, "At": true}
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if os.IsNotExist(err) {
		return found, nil
	} else if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
			continue
		}
		if id, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && id.Name == "bool" &&
			f.Name.Name != "better" { // it decides soundly too
			found[f.Name.Name] = true
		}
	}
	return found, nil
}

// draw picks n mutants by a seed; n below 1, or too large, picks all. The seed gives each mutant a
// rank, and the lowest ranks are picked. So if the source changes, only the mutants of the changed
// code are replaced: all other mutants keep their ranks. A longer draw begins with a shorter one.
func draw(list []Mutant, n int, seed uint64) []Mutant {
	if n < 1 || n >= len(list) {
		return list
	}
	r := sim.NewRand(seed).Fork("mutants")
	type ranked struct {
		rank uint64
		of   int
	}
	order := make([]ranked, len(list))
	alike := make(map[string]int)
	for i := range list {
		m := &list[i]
		function, _, _ := strings.Cut(m.Within, " ")
		name := strings.Join([]string{m.File, function, m.Kind, m.Now, m.Then}, "\n")
		order[i] = ranked{r.Fork(fmt.Sprintf("%s\n%d", name, alike[name])).Uint64(), i}
		alike[name]++ // the same change at another place of the function
	}
	slices.SortFunc(order, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	picked := make([]Mutant, n)
	for i := range picked {
		picked[i] = list[order[i].of]
	}
	return picked
}
