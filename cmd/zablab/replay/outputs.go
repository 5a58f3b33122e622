package replay

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/drawing"
)

// outputs writes the files of --trace, --diagram, --porcupine and --html: one for each world of a document.
// From the second world on, file names have a number.
type outputs struct {
	flags   *flags
	worlds  int
	written []string
}

// check returns an error for a file in a missing folder, before anything is played.
func (o *outputs) check() error {
	for _, name := range []string{o.flags.trace, o.flags.diagram, o.flags.porcupine, o.flags.html} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
			return fmt.Errorf("write %s: no folder %s: name a file in an existing folder", name,
				filepath.Dir(name))
		}
	}
	return nil
}

// write writes the files of all worlds of one document.
func (o *outputs) write(r *scenarios.Result) error {
	for i := range r.Worlds {
		o.worlds++
		w := &r.Worlds[i]
		for _, f := range []struct {
			name  string
			write func(io.Writer) error
		}{
			{o.flags.trace, w.WriteTrace},
			{o.flags.diagram, func(out io.Writer) error {
				return w.WriteDiagram(out, drawing.Depth(o.flags.depth))
			}},
			{o.flags.porcupine, w.WritePicture},
			{o.flags.html, func(out io.Writer) error { return o.page(w, out) }},
		} {
			if f.name == "" {
				continue
			}
			var b bytes.Buffer
			if err := f.write(&b); err != nil {
				return fmt.Errorf("write %s: %w", f.name, err)
			}
			name := numbered(f.name, o.worlds)
			if err := command.WriteFile(name, b.Bytes()); err != nil {
				return err
			}
			o.written = append(o.written, name)
		}
	}
	return nil
}

// page writes the page of a world. At the depth of servers it lists the events of the protocol.
func (o *outputs) page(w *scenarios.World, out io.Writer) error {
	var b bytes.Buffer
	if err := w.WriteTrace(&b); err != nil {
		return err
	}
	p := web.Page{Title: w.Title, Trace: b.Bytes()}
	if drawing.Depth(o.flags.depth) == drawing.DepthServer {
		p.Filter = web.FilterProtocol
	}
	return p.Write(out)
}

// open opens the first page, if --open asks for it.
func (o *outputs) open() error {
	if !o.flags.open || o.worlds == 0 {
		return nil
	}
	return web.Open(o.flags.html)
}

// numbered returns the file name for the nth world: out-2.html for the second of out.html.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
}

// print prints the names of the written files.
func (o *outputs) print(out io.Writer) {
	if len(o.written) > 0 {
		fmt.Fprintln(out, "Written  "+strings.Join(o.written, " "))
	}
}
