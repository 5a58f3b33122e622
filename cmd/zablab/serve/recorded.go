package serve

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/gateway"
)

// Recorded reports whether a file is a session that zablab serve has recorded.
func Recorded(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, len(gateway.Magic))
	_, err = io.ReadFull(file, start)
	return err == nil && string(start) == gateway.Magic
}

// Outputs names the files to write for a session that is played again. For an empty name no file is
// written.
type Outputs struct {
	Trace, Diagram string
	Depth          drawing.Depth
}

// Replay plays a recorded session again without its clients, and prints it.
func Replay(cmd *cobra.Command, name string, o Outputs) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, command.Cause(err))
	}
	defer file.Close()
	r, err := gateway.Replay(file, o.Trace+o.Diagram != "")
	if err != nil && (r.World == nil || r.World.Ensemble.Err() == nil) {
		return fmt.Errorf("replay %s: %w", name, err)
	}
	s := session{world: r.World, replayed: &r, name: name}
	status := s.print(cmd)
	if err := s.write(cmd, o); err != nil {
		return err
	}
	if status == nil && r.Complete && !r.Same {
		return command.Status(command.Broken)
	}
	return status
}

// write writes the trace and the diagram.
func (s *session) write(cmd *cobra.Command, o Outputs) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{o.Trace, func(out io.Writer) error { return s.world.WriteTrace(out, s.name, s.checks) }},
		{o.Diagram, func(out io.Writer) error { return s.world.WriteDiagram(out, s.name, o.Depth) }},
	} {
		if f.name == "" {
			continue
		}
		var b bytes.Buffer
		if err := f.write(&b); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
		if err := command.WriteFile(f.name, b.Bytes()); err != nil {
			return err
		}
		if !command.JSON(cmd) {
			fmt.Fprintf(cmd.OutOrStdout(), "Written  %s\n", f.name)
		}
	}
	return nil
}
