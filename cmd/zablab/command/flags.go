package command

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// JSON reports whether the flag --json is set.
func JSON(cmd *cobra.Command) bool {
	asJSON, _ := cmd.Flags().GetBool("json") // every command inherits it from the root
	return asJSON
}

// WriteJSON writes one document, indented, with < and & unescaped.
func WriteJSON(out io.Writer, v any) {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // of our own types; if standard output fails, there is nowhere to say so
}

// Tell returns a function that prints a line of progress to the command's standard error. With
// --json, the function prints nothing.
func Tell(cmd *cobra.Command) func(text string) {
	return func(text string) {
		if !JSON(cmd) {
			fmt.Fprintln(cmd.ErrOrStderr(), text)
		}
	}
}

// OtherFlag returns the name of a flag that was given and is not in the list, or "" if every given
// flag is in the list.
func OtherFlag(cmd *cobra.Command, read ...string) (name string) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(read, flag.Name) {
			name = flag.Name
		}
	})
	return name
}
