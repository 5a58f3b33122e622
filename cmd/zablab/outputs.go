package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/drawing"
)

// outputs writes the files that were asked for: one for each world that was played, the second and
// later ones numbered.
type outputs struct {
	flags   *replayFlags
	worlds  int
	written []string
}

// check fails for a file in a folder that is not there, before anything is played.
func (o *outputs) check() error {
	for _, name := range []string{o.flags.trace, o.flags.diagram, o.flags.porcupine} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
			return fmt.Errorf("write %s: there is no folder %s: name a file in a folder that is there", name, filepath.Dir(name))
		}
	}
	return nil
}

func (o *outputs) write(r *scenarios.Result) error {
	for i := range r.Worlds {
		o.worlds++
		w := &r.Worlds[i]
		for _, f := range []struct {
			name  string
			write func(io.Writer) error
		}{
			{o.flags.trace, w.WriteTrace},
			{o.flags.diagram, func(out io.Writer) error { return w.WriteDiagram(out, drawing.Depth(o.flags.depth)) }},
			{o.flags.porcupine, w.WritePicture},
		} {
			if f.name == "" {
				continue
			}
			var b bytes.Buffer
			if err := f.write(&b); err != nil {
				return fmt.Errorf("write %s: %w", f.name, err)
			}
			name := numbered(f.name, o.worlds)
			if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
				return fmt.Errorf("%w: name a file in a folder that is there", err)
			}
			o.written = append(o.written, name)
		}
	}
	return nil
}

// numbered is out-2.html for the second of out.html.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
}

func (o *outputs) say(out io.Writer) {
	if len(o.written) > 0 {
		fmt.Fprintln(out, "Written  "+strings.Join(o.written, " "))
	}
}
