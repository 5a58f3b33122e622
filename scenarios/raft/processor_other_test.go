//go:build !unix

package raft

import (
	"testing"
	"time"
)

// processor is the time of day in µs. The processor time of this process is read only on Unix.
func processor(*testing.B) int64 { return time.Now().UnixMicro() }
