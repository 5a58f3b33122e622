package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
)

// shell runs a command line of a console block: zablab, optionally piped into grep, head or tail.
// It starts no real shell, so that a document shows the same outputs on every machine.
func shell(ctx context.Context, line string) (out string, err error) {
	for i, stage := range pipeline(line) {
		switch {
		case i == 0 && len(stage) > 1 && stage[0] == "zablab":
			out, err = zablabOutput(ctx, stage[1:])
		case i > 0 && len(stage) == 2 && stage[0] == "grep":
			out = grep(out, stage[1])
		case i > 0 && len(stage) == 3 && isEnd(stage[0]) && stage[1] == "-n":
			out, err = ends(out, stage[0], stage[2])
		default:
			err = fmt.Errorf("%q: unsupported command: write zablab, optionally piped "+
				"into grep WORDS, head -n N or tail -n N", stage)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
	}
	if out == "" {
		return "", fmt.Errorf("the command %s prints nothing: write a command that prints "+
			"something", line)
	}
	return out, nil
}

func isEnd(command string) bool { return command == "head" || command == "tail" }

func zablabOutput(ctx context.Context, args []string) (string, error) {
	var printed, failed bytes.Buffer
	switch code := run(ctx, args, &printed, &failed); {
	case ctx.Err() != nil:
		return "", ctx.Err() // what it printed may be incomplete
	case code == command.Usage:
		return "", fmt.Errorf("exit %d: %s", code, strings.TrimSpace(failed.String()))
	}
	return printed.String(), nil
}

// grep keeps the lines that contain the words.
func grep(text, words string) string {
	var kept strings.Builder
	for l := range strings.Lines(text) {
		if strings.Contains(l, words) {
			kept.WriteString(l)
		}
	}
	return kept.String()
}

// ends returns the first or the last count lines of a text.
func ends(text, which, count string) (string, error) {
	n, err := strconv.Atoi(count)
	if err != nil {
		return "", err
	}
	lines := strings.SplitAfter(text, "\n")
	lines = lines[:len(lines)-1] // after the last newline
	n = min(n, len(lines))
	if which == "head" {
		return strings.Join(lines[:n], ""), nil
	}
	return strings.Join(lines[len(lines)-n:], ""), nil
}

// word matches one word of a command line, or a pipe.
var word = regexp.MustCompile(`'[^']*'|"[^"]*"|\||[^\s|'"]+`)

// pipeline splits a command line into the words of each stage of its pipe, as a shell does.
func pipeline(line string) (stages [][]string) {
	stages = [][]string{nil}
	for _, w := range word.FindAllString(line, -1) {
		if w == "|" {
			stages = append(stages, nil)
			continue
		}
		last := &stages[len(stages)-1]
		*last = append(*last, strings.Trim(w, `'"`))
	}
	return stages
}
