package fuzz

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/zab/flaw"
)

// writeBaseline records the rates of a batch of the sound engine in a file, in the place of those
// of its mix.
func writeBaseline(name string, b *fuzz.Batch) error {
	if b.Broken > 0 || b.Flaw != flaw.None || b.Unlike != "" || len(b.Muted) > 0 {
		return fmt.Errorf("--baseline %s: not written: a check failed, or the batch used --flaw, "+
			"--mute, --feedback or --workload: leave out these flags, or correct the failure", name)
	}
	all := map[fuzz.Mix]fuzz.Recorded{}
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--baseline %s: %w: name a file that --baseline wrote earlier, or a "+
			"file that does not exist yet", name, command.Cause(err))
	}
	all[b.Mix] = fuzz.Recorded{Generator: b.Mix.Generator(), Rates: b.Rates}
	if text, err = json.MarshalIndent(all, "", " "); err != nil {
		return err
	}
	return command.WriteFile(name, append(text, '\n'))
}
