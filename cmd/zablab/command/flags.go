package command

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// JSON is true if the command was asked for one JSON document.
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

// OtherFlag is a flag that was given and is not among those that are read; "" if all are.
func OtherFlag(cmd *cobra.Command, read ...string) (name string) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(read, flag.Name) {
			name = flag.Name
		}
	})
	return name
}
