//go:build !wasip1

package learn

import (
	"strings"
	"testing"
)

// TestRefusals: what a client program must not do is refused before it is compiled, at its place. The
// neighbour of each case, in the solutions, is accepted (TestExercises).
func TestRefusals(t *testing.T) {
	const head = "package lock\n\nimport (\n\t\"github.com/zablab/zablab/tree\"\n" +
		"\t\"github.com/zablab/zablab/tree/client\"\n)\n\n"
	in := func(code string) string {
		return head + "func Lock(p *client.Proc) (string, error) {\n" + code +
			"\n\treturn tree.Root, nil\n}\nfunc Unlock(p *client.Proc, node string) {}\n"
	}
	for _, c := range []struct{ text, says string }{
		{"package lock\nfunc Lock( {}\n", "lock.go:2:12: expected"},
		{"package main\nfunc Lock() {}\nfunc Unlock() {}\n", "lock.go:1:9: package main cannot"},
		{"package lock\nfunc Lock() {}\n", "the program has no function Unlock"},
		{"package lock\nimport \"os\"\n", `lock.go:2:8: import "os": a program may import only bytes, cmp`},
		{"package lock\nimport \"unsafe\"\n", `import "unsafe"`},
		{"package lock\nimport \"C\"\n", `import "C"`},
		{"package lock\nimport . \"strings\"\n", "remove the ., so that the package"},
		{"package lock\n\nvar held bool\n", "lock.go:3:1: a variable outside a function"},
		{"package lock\n\nfunc init() {}\n", "lock.go:3:1: func init is not allowed"},
		{"package lock\n\n//go:linkname exit os.Exit\nfunc exit(int)\n", "lock.go:3:1: //go:linkname"},
		{"package lock\n\n//line other.go:1\nfunc Lock() {}\n", "lock.go:3:1: //line"},
		{"package lock\n\nfunc Lock()\n", "lock.go:3:1: Lock has no body"},
		{in("\tgo func() {}()"), "lock.go:9:2: a client program must not start a goroutine"},
		{in("\tc := make(chan int)\n\t_ = c"), "lock.go:9:12: a client program must not use channels"},
		{in("\tdefer func() { recover() }()"), "recover is not allowed"},
		{in("\ttree := p\n\ttree.LetGo()"), "lock.go:9:2: the name tree stands for the imported package"},
		{in("\tfor tree := range 3 {\n\t\t_ = tree\n\t}"), "lock.go:9:6: the name tree stands for the imported package"},
		{in("\tfunc(tree *client.Proc) { tree.LetGo() }(p)"), "lock.go:9:7: the name tree stands for the imported package"},
		{in("\tvar tree = p\n\ttree.LetGo()"), "lock.go:9:6: the name tree stands for the imported package"},
		{in("\tp.LetGo()"), "lock.go:9:4: only the lab calls LetGo"},
		{in("\thold := p.Hold\n\thold(\"\")"), "only the lab calls Hold"},
		{in("\tp.Client().Stop()"), "only the lab calls Client"},
		{in("\tl := client.Lock{Path: \"/lock\"}\n\tl.Acquire(p)"),
			"client.Lock is not allowed, because you must write the recipe yourself"},
		{in("\ttree.OpenACL[0].Perms = 0"), "tree.OpenACL"},
		{in("\tclient.ErrSessionOver = nil"), "client.ErrSessionOver belongs to another package"},
		{in("\t*(&client.ErrSessionOver) = nil"), "client.ErrSessionOver belongs to another package"},
		{strings.ReplaceAll(in("\tc.ErrSessionOver = nil"), `	"github.com/zablab/zablab/tree/client"`,
			`	c "github.com/zablab/zablab/tree/client"`), "c.ErrSessionOver belongs to another package"},
	} {
		e := refusals("lock.go", []byte(c.text), []string{"Lock", "Unlock"})
		if e == nil || !strings.Contains(e.Error(), c.says) {
			t.Errorf("%v, and not %q, about\n%s", e, c.says, c.text)
		}
	}
}
