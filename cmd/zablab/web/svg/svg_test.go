package svg

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/diagram"
)

// texts returns the texts of a picture, and fails if it is no XML.
func texts(t *testing.T, picture string) (list []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%v in %s", err, picture)
		}
		if words, ok := token.(xml.CharData); ok && strings.TrimSpace(string(words)) != "" {
			list = append(list, string(words))
		}
	}
}

// Each line of a note is drawn, below the one before, and whatever it contains is text.
func TestNotes(t *testing.T) {
	doc, err := diagram.Parse("a.mmd", []byte("sequenceDiagram\n"+
		"    A->>ZK: create /x = <script>&\n    Note over A,ZK: one<br/>two<br/>three\n"))
	if err != nil {
		t.Fatal(err)
	}
	picture := Draw(doc.Diagrams[0])
	all := strings.Join(texts(t, picture), "|")
	if !strings.Contains(all, "one|two|three") || strings.Contains(picture, "<script") {
		t.Errorf("drawn as %s", all)
	}
	flat, err := diagram.Parse("a.mmd", []byte("sequenceDiagram\n    A->>ZK: create /x\n"+
		"    Note over A,ZK: one\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := height(picture), height(Draw(flat.Diagrams[0])); a == b {
		t.Errorf("three lines are as high as one: %s", a)
	}
}

// height is the height in a picture's viewBox.
func height(picture string) string {
	_, rest, _ := strings.Cut(picture, `viewBox="`)
	box, _, _ := strings.Cut(rest, `"`)
	return strings.Fields(box)[3]
}

// A history has a lane for each client, and a bar for each operation; without an answer, an open one.
func TestHistory(t *testing.T) {
	h := lin.History{
		{Client: "B", Kind: lin.Set, Path: "/x", Call: 0, Return: 10, Outcome: lin.OK},
		{Client: "A", Kind: lin.Get, Path: "/x", Call: 5, Return: 30, Outcome: lin.OK},
		{Client: "A", Kind: lin.Set, Path: "/<x>", Call: 31, Outcome: lin.Unknown},
	}
	picture := History(h)
	if got := strings.Join(texts(t, picture), " "); got != "A 2 3 B 1" {
		t.Errorf("the lanes have %q", got)
	}
	if n := strings.Count(picture, `class="op"`); n != 2 {
		t.Errorf("%d bars", n)
	}
	if n := strings.Count(picture, `class="op open"`); n != 1 {
		t.Errorf("%d open bars", n)
	}
}
