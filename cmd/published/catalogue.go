package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// row is one drawing of the catalogue.
type row struct {
	ID      string
	Where   string // where it is published
	SHA256  string // of the block, in hex
	Subject string
	Lines   []expected
}

// expected is what an expert says of one line of a drawing.
type expected struct {
	Line    int    // of the block, from 1
	Reads   string // what it means, beginning with its kind: "call: create /a by N1"
	Verdict string // a verdict of package scenarios, or "-"
	Why     string
}

// readCatalogue reads the rows of a catalogue, one JSON object a line.
func readCatalogue(in io.Reader) (list []row, err error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if r.ID == "" || len(r.SHA256) != 2*sha256.Size {
			return nil, fmt.Errorf("line %d: the id is missing, or the SHA-256 does not have 64 "+
				"hexadecimal digits", n)
		}
		list = append(list, r)
	}
	return list, lines.Err()
}

// block is a drawing as it stands in a copy, with the lines that enclose it.
type block struct {
	lines []string // of the drawing alone
	text  string   // with its fences, to be played
	first int      // of text's lines, the drawing's first, from 1
}

// find finds the block with a hash in a copy.
func find(copied, sum string) (b block, ok bool) {
	copied = strings.TrimPrefix(strings.ReplaceAll(copied, "\r\n", "\n"), "\ufeff")
	lines := strings.Split(strings.TrimRight(copied, "\n"), "\n")
	for i := range lines {
		if !opens(lines[i]) {
			continue
		}
		for k := i + 1; k <= len(lines); k++ {
			if k < len(lines) && !closes(lines[k]) {
				continue
			}
			if hashed(lines[i+1:k], sum) {
				end := min(k+1, len(lines))
				return block{lines[i+1 : k], strings.Join(lines[i:end], "\n") + "\n", 2}, true
			}
			break
		}
	}
	for i := range lines {
		for k := i; k < len(lines) && strings.HasPrefix(lines[i], "@startuml"); k++ {
			if strings.HasPrefix(lines[k], "@enduml") && hashed(lines[i:k+1], sum) {
				return block{lines[i : k+1], strings.Join(lines[i:k+1], "\n") + "\n", 1}, true
			}
		}
	}
	return block{}, false
}

// opens says that a line opens a block, and closes that it may close one.
func opens(line string) bool {
	line = strings.TrimLeft(line, " \t>")
	return strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") ||
		strings.HasPrefix(line, "{% mermaid")
}

func closes(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") ||
		strings.HasPrefix(line, "{% endmermaid")
}

// hashed says that lines, without the empty ones at their end, have a SHA-256.
func hashed(lines []string, sum string) bool {
	text := strings.TrimRight(strings.Join(lines, "\n"), "\n")
	got := sha256.Sum256([]byte(text))
	return hex.EncodeToString(got[:]) == sum
}
