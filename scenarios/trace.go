package scenarios

import "io"

// WriteTrace writes the run as zablab.trace/1.
func (w *World) WriteTrace(out io.Writer) error { return nil }
