package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/zablab/zablab/cmd/checkout"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(2)
	}
}

// options are the flags of the command line.
type options struct {
	root       string
	top        int
	json       bool
	tests      bool
	texts      int
	paragraphs int
	seed       uint64
	words      bool
}

// run runs the command with arguments, and writes to out.
func run(args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("house", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.root, "root", "", "the module's folder (default: the nearest with a go.mod)")
	flags.IntVar(&o.top, "top", 30, "number of rows in each table; 0 for all")
	flags.BoolVar(&o.json, "json", false, "print one JSON document")
	flags.BoolVar(&o.tests, "tests", false, "measure tests too")
	flags.IntVar(&o.texts, "texts", 0, "print this many messages, chosen at random")
	flags.IntVar(&o.paragraphs, "paragraphs", 0,
		"print this many paragraphs of Go documentation, chosen at random")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the random choice of messages and paragraphs")
	flags.BoolVar(&o.words, "words", false,
		"print each word that "+glossary+" forbids, and where it occurs, instead of measuring "+
			"the code")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(out, "House measures the code of this module, lists its messages and "+
			"documentation for a reader, and finds the words that the glossary forbids.")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil
	} else if err != nil {
		return fmt.Errorf("%w: see --help", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: only flags are accepted", flags.Arg(0))
	}
	root, err := checkout.Root(o.root)
	if err != nil {
		return err
	}
	m, err := readModule(os.DirFS(root))
	if err != nil {
		return err
	}
	return o.print(m, os.DirFS(root), out)
}

// print prints the tables, texts or words that the options select.
func (o options) print(m *module, root fs.FS, out io.Writer) error {
	if o.words {
		return o.printWords(m, root, out)
	}
	if !o.tests {
		m = m.withoutTests()
	}
	if o.texts > 0 || o.paragraphs > 0 {
		picked := slices.Concat(
			pick(messages(m), o.texts, o.seed), pick(paragraphs(m), o.paragraphs, o.seed))
		if o.json {
			return printJSON(out, picked)
		}
		printTexts(out, picked)
		return nil
	}
	s := measure(m)
	if o.json {
		return printJSON(out, s.top(o.top))
	}
	printSizes(out, s, o.top)
	return nil
}

func (o options) printWords(m *module, root fs.FS, out io.Writer) error {
	text, err := fs.ReadFile(root, glossary)
	if err != nil {
		return err
	}
	rules, err := readRules(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", glossary, err)
	}
	found := offences(m, rules)
	if o.json {
		return printJSON(out, found)
	}
	printOffences(out, found)
	return nil
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
