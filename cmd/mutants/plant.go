package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// plant tries a changed engine: the sources of the module with patches, or, without any, as they
// are now in the working tree. It prints what convicts the change, and how often the fuzzer ran the
// lines that changed.
func (o *options) plant(patches []string, out io.Writer) error {
	work, err := os.MkdirTemp("", "plant")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	b := &bench{root: o.root, work: work}
	files, lines, err := b.change(patches)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return errors.New("nothing has changed: change the engine, or name a patch")
	}
	engine := []string{"./cmd/mutants"} // without the main package nothing is written
	for _, dir := range packages {
		engine = append(engine, "./"+dir)
	}
	binary, err := b.build("engine", files, "-cover", "-covermode=count",
		"-coverpkg="+strings.Join(engine, ","))
	if err != nil {
		return err
	}
	counts := filepath.Join(work, "counts")
	if err := os.Mkdir(counts, 0o777); err != nil {
		return err
	}
	v, err := b.play(binary, o.limit, true, "GOCOVERDIR="+counts)
	if err != nil {
		return err
	}
	printVerdict(out, &v)
	blocks, err := b.blocks(counts)
	if err != nil {
		return fmt.Errorf("cannot count how often the changed lines ran: %w", err)
	}
	printLines(out, lines, blocks)
	return nil
}

// place is a line of a file of the module.
type place struct {
	file string
	line int
}

// change returns the files that patches change, with their new contents, and the lines that are
// new or stand where lines are gone. Without patches it compares the working tree with HEAD.
func (b *bench) change(patches []string) (map[string][]byte, []place, error) {
	if len(patches) == 0 {
		diff, err := b.git(b.root, "diff", "--unified=0", "--no-ext-diff", "HEAD", "--", "*.go")
		return nil, changed(diff), err
	}
	before, after := filepath.Join(b.work, "before"), filepath.Join(b.work, "after")
	files := make(map[string][]byte)
	for _, patch := range patches {
		text, err := os.ReadFile(patch)
		if err != nil {
			return nil, nil, err
		}
		for _, name := range patched(text) {
			source, err := b.source(name)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w: make the patch in the module's folder, with "+
					"git diff", patch, err)
			}
			for _, dir := range []string{before, after} {
				at := filepath.Join(dir, filepath.FromSlash(name))
				if _, known := files[name]; known && dir == after {
					continue // an earlier patch has changed it
				}
				if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
					return nil, nil, err
				}
				if err := os.WriteFile(at, source, 0o666); err != nil {
					return nil, nil, err
				}
			}
			files[name] = nil
		}
		full, err := filepath.Abs(patch)
		if err == nil {
			_, err = b.git(after, "apply", "--unsafe-paths", full)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: the patch cannot be applied: %w: make it for the "+
				"current sources", patch, err)
		}
	}
	for name := range files { // order: each file alone
		text, err := os.ReadFile(filepath.Join(after, filepath.FromSlash(name)))
		if err != nil {
			return nil, nil, err
		}
		files[name] = text
	}
	diff, err := b.git(b.work, "diff", "--no-index", "--no-ext-diff", "--unified=0", "before",
		"after")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // they differ
	}
	return files, changed(bytes.ReplaceAll(diff, []byte("+++ b/after/"), []byte("+++ b/"))), err
}

func (b *bench) git(dir string, args ...string) ([]byte, error) {
	c := exec.Command("git", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(b.work))
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil && errs.Len() > 0 {
		err = fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(errs.String()))
	}
	return out, err
}

var (
	newFile = regexp.MustCompile(`^\+\+\+ (?:b/)?([^\t\n]+)`)
	hunk    = regexp.MustCompile(`^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@`)
)

// patched returns the names of the files that a patch changes.
func patched(patch []byte) (names []string) {
	for line := range strings.Lines(string(patch)) {
		if m := newFile.FindStringSubmatch(line); m != nil && m[1] != "/dev/null" {
			names = append(names, m[1])
		}
	}
	return names
}

// changed returns the lines that a diff without context adds. Where it only removes lines, it
// returns the line before and the one after.
func changed(diff []byte) (list []place) {
	file := ""
	for line := range strings.Lines(string(diff)) {
		if m := newFile.FindStringSubmatch(line); m != nil {
			file = m[1]
		}
		m := hunk.FindStringSubmatch(line)
		if m == nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		from, _ := strconv.Atoi(m[1])
		n := 1
		if m[2] != "" {
			n, _ = strconv.Atoi(m[2])
		}
		if n == 0 {
			n = 2
		}
		for i := range n {
			list = append(list, place{file, from + i})
		}
	}
	return list
}

// block is a piece of code without branches, and how often it ran.
type block struct {
	file     string
	from, to int // lines, both included
	n        int
}

var blockLine = regexp.MustCompile(`/(\S+):(\d+)\.\d+,(\d+)\.\d+ \d+ (\d+)$`)

// blocks reads what a binary built with -cover has counted.
func (b *bench) blocks(counts string) (list []block, err error) {
	name := filepath.Join(b.work, "counts.txt")
	c := exec.Command("go", "tool", "covdata", "textfmt", "-i", counts, "-o", name)
	c.Dir = b.root
	if text, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go tool covdata: %w: %s", err, bytes.TrimSpace(text))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		m := blockLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		k := block{file: m[1]}
		k.from, _ = strconv.Atoi(m[2])
		k.to, _ = strconv.Atoi(m[3])
		k.n, _ = strconv.Atoi(m[4])
		list = append(list, k)
	}
	return list, nil
}

// ran returns how often a line ran: as often as the smallest block that has it. ok is false if no
// block has it.
func (p place) ran(blocks []block) (n int, ok bool) {
	least := 1 << 30
	for i := range blocks {
		k := &blocks[i]
		if size := k.to - k.from; strings.HasSuffix(k.file, p.file) && k.from <= p.line &&
			p.line <= k.to && size < least {
			least, n, ok = size, k.n, true
		}
	}
	return n, ok
}

func printVerdict(out io.Writer, v *verdict) {
	if v.Property == "" {
		fmt.Fprintf(out, "survived: no check failed in %d seeds and %.0fs\n", v.Seeds, v.Seconds)
		return
	}
	fmt.Fprintf(out, "noticed by the check %s: seed %d of the mix %s, after %d seeds and %.1fs\n  %s\n",
		v.Property, v.Seed, v.Mix, v.Seeds, v.Seconds, v.Text)
	for line := range strings.Lines(v.Plan) {
		fmt.Fprintf(out, "    %s", line)
	}
}

// printLines prints how often the changed lines ran.
func printLines(out io.Writer, lines []place, blocks []block) {
	fmt.Fprintln(out, "changed lines:")
	lines = slices.Compact(lines)
	for _, p := range lines {
		n, ok := p.ran(blocks)
		engine := slices.ContainsFunc(packages, func(dir string) bool {
			return filepath.ToSlash(filepath.Dir(p.file)) == dir
		})
		switch {
		case !engine:
			fmt.Fprintf(out, "  %s:%d  is not counted: the file is not in %s\n", p.file, p.line,
				strings.Join(packages, ", "))
		case !ok:
			fmt.Fprintf(out, "  %s:%d  has no statement that could run\n", p.file, p.line)
		case n == 0:
			fmt.Fprintf(out, "  %s:%d  never ran: no run of the fuzzer reached this "+
				"line\n", p.file, p.line)
		default:
			fmt.Fprintf(out, "  %s:%d  ran %d times\n", p.file, p.line, n)
		}
	}
}
