package stage

import "runtime/debug"

// Revision is the commit that the program was built from, or empty if unknown.
func Revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return ""
}

// Commit is the short revision, as in traces and results.
func Commit() string {
	if r := Revision(); len(r) >= 12 {
		return r[:12]
	}
	return "unknown"
}
