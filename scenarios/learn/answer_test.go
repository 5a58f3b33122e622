package learn

import "testing"

// TestAnswerIn: the answer may stand after "Answer:", below it, or over several lines.
func TestAnswerIn(t *testing.T) {
	for text, want := range map[string]string{
		"q\nAnswer: b\n": "b", "Answer:\nb\n": "b", "Answer:\n\n  b\n\nmore\n": "b",
		"Answer: S1 up\nand S2 up\n\nnotes\n": "S1 up and S2 up", "**Answer:** `7`": "7",
	} {
		if got, err := answerIn([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "q\nAnswer:\n", "Answer: a\nAnswer: b\n"} {
		if got, err := answerIn([]byte(text)); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestRefusedByRival: a client that has deleted its own node is refused because of another's.
func TestRefusedByRival(t *testing.T) {
	const answer = "```mermaid\nsequenceDiagram\n    participant A\n    participant B\n" +
		"    participant ZK as ZooKeeper\n" +
		"    A->>ZK: create /leader (ephemeral)\n    ZK-->>A: success\n    A->>ZK: delete /leader\n" +
		"    B->>ZK: create /leader (ephemeral)\n    ZK-->>B: success\n" +
		"    A->>ZK: create /leader (ephemeral)\n    ZK-->>A: failed — exists\n" +
		"    A->>ZK: watch /leader\n" +
		"    B->>ZK: close\n    ZK-->>A: notification — /leader is gone\n```\n"
	for _, x := range All() {
		if x.ID() != "03-first-drawing" {
			continue
		}
		if v, err := x.Check(t.Context(), []byte(answer), ours); err != nil || v.Status != Passed {
			t.Errorf("%+v, %v", v, err)
		}
		return
	}
	t.Error("no exercise 03")
}
