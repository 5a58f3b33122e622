package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkLint reads documents of 100,000 lines: many small diagrams, and one large diagram.
func BenchmarkLint(b *testing.B) {
	part := "# A part\n\nSome words about it, and a list:\n\n- one\n\n```mermaid\nsequenceDiagram\n" +
		"    participant A as App A\n    participant ZK as ZooKeeper\n" +
		"    A->>ZK: create /leader (ephemeral)\n    ZK-->>A: success, you are leader\n" +
		"    B->>ZK: create /leader (ephemeral)\n    ZK-->>B: NodeExistsException\n" +
		"    B->>ZK: watch /leader\n    Note over A: crashes\n    Note over ZK: deletes /leader\n" +
		"    ZK-->>B: notification: /leader is gone\n```\n\n"
	var one strings.Builder
	one.WriteString("sequenceDiagram\n    participant ZK as ZooKeeper\n")
	for i := range 50_000 {
		fmt.Fprintf(&one, "    A->>ZK: create /a%d (ephemeral)\n    ZK-->>A: ok\n", i)
	}
	for name, text := range map[string]string{
		"many": strings.Repeat(part, 5_000), "one": one.String(),
	} {
		path := filepath.Join(b.TempDir(), name+".md")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if code := run(context.Background(), []string{"lint", path}, io.Discard,
					os.Stderr); code != 0 {
					b.Fatal(code)
				}
			}
		})
	}
}
