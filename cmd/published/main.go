package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zablab/zablab/cmd/checkout"
	"github.com/zablab/zablab/cmd/zablab/terminal"
)

// catalogueFile is the catalogue, in the module's folder.
const catalogueFile = "scenarios/script/testdata/published/catalogue.jsonl"

func main() {
	out := terminal.NewOutput(os.Stdout)
	whole, err := run(os.Args[1:], out)
	if err == nil {
		err = out.Err()
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "published:", err)
		os.Exit(2)
	case !whole:
		os.Exit(1)
	}
}

// options is what the command line asks for.
type options struct {
	catalogue string
	verbose   bool
	id        string
	dir       string
}

// run runs the command with arguments. It returns true if all drawings are whole.
func run(args []string, out io.Writer) (whole bool, err error) {
	var o options
	flags := flag.NewFlagSet("published", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.catalogue, "catalogue", "",
		"file that says how experts read each line of the diagrams (default: "+catalogueFile+")")
	flags.BoolVar(&o.verbose, "v", false, "also print each line that the lab and the expert read "+
		"differently")
	flags.StringVar(&o.id, "id", "", "compare only the diagram with this number (NN), and print "+
		"the lines that the lab and the expert read differently")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(out, "Published plays sequence diagrams that others have published, and "+
			"compares how the lab reads each line with how an expert reads it.\npublished [-v] "+
			"[--id NN] DIR: DIR has a copy of each diagram, named NN.md. go doc ./cmd/published "+
			"explains more.")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return true, nil
	} else if err != nil {
		return false, fmt.Errorf("%w: see --help", err)
	}
	if flags.NArg() != 1 {
		return false, fmt.Errorf("got %d arguments: give exactly one, the folder with the copies "+
			"of the diagrams", flags.NArg())
	}
	o.dir = flags.Arg(0)
	rows, err := o.rows()
	if err != nil {
		return false, err
	}
	return o.compare(rows, out)
}

// rows reads the catalogue.
func (o *options) rows() ([]row, error) {
	name := o.catalogue
	if name == "" {
		root, err := checkout.Root("")
		if err != nil {
			return nil, fmt.Errorf("%w; alternatively, name the catalogue file with "+
				"--catalogue", err)
		}
		name = filepath.Join(root, catalogueFile)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := readCatalogue(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

// compare plays the drawings that have a copy, and prints the table.
func (o *options) compare(rows []row, out io.Writer) (whole bool, err error) {
	var list []compared
	var left []string
	for _, r := range rows {
		if o.id != "" && r.ID != o.id {
			continue
		}
		name := filepath.Join(o.dir, r.ID+".md")
		text, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			left = append(left, r.ID+" has no copy; it is published at: "+r.Where)
			continue
		} else if err != nil {
			return false, err
		}
		b, ok := find(string(text), r.SHA256)
		if !ok {
			left = append(left, name+": no diagram in this copy has the SHA-256 that the "+
				"catalogue gives")
			continue
		}
		list = append(list, compare(r, b))
	}
	if len(list) == 0 {
		return false, fmt.Errorf("%s: no diagram to compare, because the catalogue has no diagram "+
			"with this --id, or the folder has no copy with the SHA-256 that the catalogue gives: "+
			"go doc ./cmd/published says how to obtain copies", o.dir)
	}
	printAll(out, list, left, o.verbose || o.id != "")
	_, n, _ := sum(list)
	return n == len(list), nil
}
