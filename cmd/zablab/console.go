package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// shell runs zablab, with grep, head and tail behind it.
func shell(line string) (out string, err error) {
	for i, stage := range pipeline(line) {
		switch {
		case i == 0 && len(stage) > 1 && stage[0] == "zablab":
			var printed, failed bytes.Buffer
			if code := run(context.Background(), stage[1:], &printed, &failed); code == exitUsage {
				return "", fmt.Errorf("%s: exit %d: %s", line, code, strings.TrimSpace(failed.String()))
			}
			out = printed.String()
		case i > 0 && len(stage) == 2 && stage[0] == "grep":
			var kept strings.Builder
			for l := range strings.Lines(out) {
				if strings.Contains(l, stage[1]) {
					kept.WriteString(l)
				}
			}
			out = kept.String()
		case i > 0 && len(stage) == 3 && stage[1] == "-n" && (stage[0] == "head" || stage[0] == "tail"):
			n, err := strconv.Atoi(stage[2])
			if err != nil {
				return "", err
			}
			lines := strings.SplitAfter(out, "\n")
			lines = lines[:len(lines)-1]
			if n = min(n, len(lines)); stage[0] == "head" {
				lines = lines[:n]
			} else {
				lines = lines[len(lines)-n:]
			}
			out = strings.Join(lines, "")
		default:
			return "", fmt.Errorf("%s: %q: zablab, and grep WORDS, head -n N or tail -n N behind it", line, stage)
		}
	}
	if out == "" {
		return "", fmt.Errorf("%s prints nothing", line)
	}
	return out, nil
}

// pipeline splits a line as a shell does.
func pipeline(line string) (stages [][]string) {
	stages = [][]string{nil}
	for _, w := range regexp.MustCompile(`'[^']*'|"[^"]*"|\||[^\s|'"]+`).FindAllString(line, -1) {
		if w == "|" {
			stages = append(stages, nil)
			continue
		}
		last := &stages[len(stages)-1]
		*last = append(*last, strings.Trim(w, `'"`))
	}
	return stages
}
