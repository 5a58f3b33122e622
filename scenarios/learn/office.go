//go:build !wasip1

package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/learn/trial"
)

// office says what a program is for: the functions that it has, what it is judged as, and how the
// harness calls it.
type office struct {
	name       string
	recipe     recipe.Recipe
	maker      string // the function of package trial that makes a subject of the functions
	functions  []string
	signatures []string
}

// offices are all of them.
var offices = []office{
	{"lock", recipe.Lock("/lock"), "Lock", []string{"Lock", "Unlock"}, []string{
		"func Lock(p *client.Proc) (node string, err error)",
		"func Unlock(p *client.Proc, node string)"}},
	{"fair-lock", recipe.Lock("/lock").InOrder(), "Lock", []string{"Lock", "Unlock"}, []string{
		"func Lock(p *client.Proc) (node string, err error)",
		"func Unlock(p *client.Proc, node string)"}},
	{"election", recipe.Election("/leader"), "Lock", []string{"Elect", "Resign"}, []string{
		"func Elect(p *client.Proc) (node string, err error)",
		"func Resign(p *client.Proc, node string)"}},
	{"fenced-lock", recipe.Lock("/lock").Fenced(trial.Store), "TokenLock", []string{"Lock", "Unlock"},
		[]string{"func Lock(p *client.Proc) (node string, token int64, err error)",
			"func Unlock(p *client.Proc, node string)"}},
	{"read-write-lock", recipe.RWLock("/shared"), "RWLock", []string{"Read", "Write", "Unlock"},
		[]string{"func Read(p *client.Proc) (node string, err error)",
			"func Write(p *client.Proc) (node string, err error)",
			"func Unlock(p *client.Proc, node string)"}},
	{"queue", recipe.Queue(trial.Items), "Queue", []string{"Put", "Take"}, []string{
		"func Put(p *client.Proc, item string) error",
		"func Take(p *client.Proc) (item string, err error)"}},
}

// officeOf finds an office by its name.
func officeOf(name string) (*office, error) {
	var names []string
	for i := range offices {
		if offices[i].name == name {
			return &offices[i], nil
		}
		names = append(names, offices[i].name)
	}
	slices.Sort(names)
	return nil, fmt.Errorf("office: %s: must be one of %s", name, strings.Join(names, ", "))
}

// subject is the expression that makes a subject of an answer.
func (o *office) subject(key string) string {
	var list []string
	for _, f := range o.functions {
		list = append(list, key+"."+f)
	}
	return fmt.Sprintf("trial.%s(%s)", o.maker, strings.Join(list, ", "))
}
