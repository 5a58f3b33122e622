//go:build !unix

package main

import "time"

var started = time.Now()

// processorTime is the time since the start: this system does not tell better.
func processorTime() time.Duration { return time.Since(started) }
