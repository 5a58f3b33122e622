package stage

import "runtime/debug"

// Revision returns the commit that the program was built from; empty if unknown.
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

// Commit returns the first 12 characters of [Revision] for traces and results, or "unknown".
func Commit() string {
	if r := Revision(); len(r) >= 12 {
		return r[:12]
	}
	return "unknown"
}
