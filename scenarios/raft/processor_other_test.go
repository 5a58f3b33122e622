//go:build !unix

package raft

import (
	"testing"
	"time"
)

// processor stands in for the processor time of this process: the time of day, in µs.
func processor(*testing.B) int64 { return time.Now().UnixMicro() }
