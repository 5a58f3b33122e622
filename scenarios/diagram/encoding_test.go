package diagram

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestEncodings: a document is the same in every encoding that editors write.
func TestEncodings(t *testing.T) {
	const text = "# Ältere\n```mermaid\nsequenceDiagram\nA->>ZK: create /a 👑\n```\n"
	want, err := Parse("a.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"BOM":             "\ufeff" + text,
		"CRLF":            strings.ReplaceAll(text, "\n", "\r\n"),
		"CR":              strings.ReplaceAll(text, "\n", "\r"),
		"UTF-16 LE":       wideText(binary.LittleEndian, "\ufeff"+text),
		"UTF-16 BE":       wideText(binary.BigEndian, "\ufeff"+text),
		"UTF-16 LE, bare": wideText(binary.LittleEndian, text),
		"UTF-16 BE, bare": wideText(binary.BigEndian, text),
		"UTF-16, CRLF": wideText(binary.LittleEndian,
			"\ufeff"+strings.ReplaceAll(text, "\n", "\r\n")),
	} {
		doc, err := Parse("a.md", []byte(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := same(want.Diagrams[0], doc.Diagrams[0]); diff != "" || doc.Title != want.Title {
			t.Errorf("%s: %q %s", name, doc.Title, diff)
		}
		if got := doc.Diagrams[0].Items[0].Position(); got != (Pos{4, 1}) {
			t.Errorf("%s: at %v", name, got)
		}
	}
}

func wideText(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// TestNotText: for a file that is not text, the error is one sentence, with the place.
func TestNotText(t *testing.T) {
	for _, data := range []string{
		"A->>B: \xe4", "sequenceDiagram\nA->>B: x\x00y", "\x7fELF\x02\x01\x01\x00\x00\x00",
		"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PK\x03\x04\x14\x00", "%PDF-1.4\n%\xe2\xe3",
		strings.Repeat("\x00", 1000), "\xff\xfe", "\xfe\xff\xd8\x00", "", " ", "\ufeff",
	} {
		_, err := Parse("a.md", []byte(data))
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q: %v", data, err)
		}
	}
}
