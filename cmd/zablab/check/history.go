package check

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// history is a record of operations; if it comes from a trace, also the events of the run.
type history struct {
	record lin.Record
	events []trace.Event
}

// readHistory reads a trace or JSON Lines. The first line shows which of the two a file is.
func readHistory(cmd *cobra.Command, name string) (h history, err error) {
	in := cmd.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return h, fmt.Errorf("read %s: %w: give the path of a trace or a history", name,
				command.Cause(err))
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return h, fmt.Errorf("read %s: this is a folder: name a file in the folder", name)
		}
		in = file
	}
	text := bufio.NewReaderSize(in, 1<<16)
	first, _ := text.Peek(len(`{"schema":"` + trace.Schema + `"`))
	if string(first) == `{"schema":"`+trace.Schema+`"` {
		return readTraced(name, text)
	}
	h.record, err = lin.ReadRecord(name, text)
	return h, command.Placed(err)
}

// readTraced reads the record of operations from a trace.
func readTraced(name string, in io.Reader) (h history, err error) {
	run, err := trace.Read(name, in)
	if err != nil {
		return h, command.Placed(err)
	}
	switch {
	case !run.Ended:
		return h, fmt.Errorf("check %s: the trace is truncated, and the operations at its end "+
			"are missing: write the trace again with zablab replay --trace", name)
	case run.End.Cut != nil:
		return h, fmt.Errorf("check %s: this trace is only a part of a run and proves nothing "+
			"about the whole: check the original trace", name)
	}
	var b bytes.Buffer
	for _, line := range run.End.Record {
		b.Write(line)
		b.WriteByte('\n')
	}
	h.events = run.Events
	if h.record, err = lin.ReadRecord(name, &b); err != nil {
		return h, fmt.Errorf("check %s: the last line of the trace is damaged: %w: write the trace again with zablab "+
			"replay --trace", name, err)
	}
	return h, nil
}
