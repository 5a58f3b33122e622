package zab_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/zab/flaw"
)

var (
	ruleCode = regexp.MustCompile(`\b([RDLI])(\d{1,2})\b`)
	// A citation is "rule D4", "rules D1 and D9", "rules D1 to D8".
	citation   = regexp.MustCompile(`\b[Rr]ules? [RDLI]\d{1,2}(?:(?:, | and | or | to )[RDLI]\d{1,2})*`)
	definition = regexp.MustCompile(`(?m)^\*\*([RDLI]\d{1,2})\*\* `)
	quoted     = regexp.MustCompile("`([^`]+)`")
	testName   = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	nextLine   = regexp.MustCompile(`\n[ \t]*(?://)?[ \t]*`)
)

// absent is a file that was cited once, and is not in the repository.
const absent = "ZAB" + ".md"

// TestRules checks the repository against RULES.md: each code that is cited is defined, each
// defined code is cited, and each test that a rule names exists.
func TestRules(t *testing.T) {
	text, err := os.ReadFile("RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	at := definition.FindAllStringSubmatchIndex(string(text), -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		code := string(text[m[2]:m[3]])
		if rules[code] != "" {
			t.Errorf("RULES.md: %s is defined twice", code)
		}
		rules[code] = string(text[m[0]:end])
	}
	if len(rules) < 35 {
		t.Fatalf("RULES.md defines %d rules", len(rules))
	}

	cited, tests := map[string]bool{}, map[string]bool{}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return skip(err)
		}
		ext, name := filepath.Ext(path), d.Name()
		if ext != ".go" && ext != ".md" || name == "RULES.md" || name == "GLOSSARY.md" {
			return nil // the glossary quotes what must not be written
		}
		b, err := os.ReadFile(path)
		for _, m := range testName.FindAllSubmatch(b, -1) {
			tests[string(m[1])] = true
		}
		if !strings.HasSuffix(path, "rules_test.go") {
			for _, complaint := range readCitations(string(b), rules, cited) {
				t.Errorf("%s: %s", path, complaint)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for code, rule := range rules {
		if !cited[code] {
			t.Errorf("RULES.md: %s is cited nowhere", code)
		}
		checkRule(t, code, rule, tests)
	}
}

// skip leaves out hidden folders.
func skip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// readCitations notes which codes a file cites, and says which of them are not defined, or stand
// where a search for "rule D4" would not find them. Nothing may be cited that a reader of the
// repository cannot open.
func readCitations(text string, rules map[string]string, cited map[string]bool) []string {
	var complaints []string
	complain := func(format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf(format, args...))
	}
	text = nextLine.ReplaceAllString(text, " ")
	for _, c := range citation.FindAllString(text, -1) {
		codes := ruleCode.FindAllString(c, -1)
		for _, code := range codes {
			cited[code] = true
			if rules[code] == "" {
				complain("cites %s, which RULES.md does not define", code)
			}
		}
		if strings.Contains(c, " to ") { // a range
			m := ruleCode.FindAllStringSubmatch(c, -1)
			first, last := 0, 0
			fmt.Sscan(m[0][2], &first)
			fmt.Sscan(m[len(m)-1][2], &last)
			for n := first; n <= last; n++ {
				cited[fmt.Sprint(m[0][1], n)] = true
			}
		}
	}
	for _, code := range ruleCode.FindAllString(citation.ReplaceAllString(text, ""), -1) {
		complain("cites %s without the word rule", code)
	}
	if strings.Contains(text, absent) {
		complain("cites %s, which is not in the repository", absent)
	}
	return complaints
}

// checkRule wants the parts of a rule, and its tests in place.
func checkRule(t *testing.T, code, rule string, tests map[string]bool) {
	for _, part := range []string{"*Why:*", "*Reference:*", "*Held by:*"} {
		if !strings.Contains(rule, part) {
			t.Errorf("RULES.md: %s has no %s", code, part)
			return
		}
	}
	_, held, _ := strings.Cut(rule, "*Held by:*")
	names := quoted.FindAllStringSubmatch(held, -1)
	if len(names) == 0 {
		t.Errorf("RULES.md: %s is held by nothing", code)
	}
	for _, m := range names {
		_, err := os.Stat(filepath.Join("..", filepath.FromSlash(m[1])))
		_, known := flaw.Find(m[1]) // TestRegressions has a schedule for each
		if !tests[m[1]] && !known && (err != nil || !strings.Contains(m[1], "/")) {
			t.Errorf("RULES.md: %s is held by %s, which does not exist", code, m[1])
		}
	}
}

// TestRulesAreRead checks that each complaint is made, and no other.
func TestRulesAreRead(t *testing.T) {
	rules := map[string]string{"D1": "x", "D2": "x"}
	for _, c := range []struct {
		text  string
		cited string
		n     int
	}{
		{"// as rule D1 has it", "D1", 0},
		{"// rules\n\t// D1 and D2", "D1 D2", 0},
		{"// rules D1 to D2", "D1 D2", 0},
		{"// rule D3", "D3", 1},
		{"// (D1)", "", 1},
		{"// as " + absent + " has it", "", 1},
		{"// S1 and 3D2 are no rules", "", 0},
	} {
		cited := map[string]bool{}
		complaints := readCitations(c.text, rules, cited)
		var codes []string
		for code := range cited {
			codes = append(codes, code)
		}
		slices.Sort(codes)
		if strings.Join(codes, " ") != c.cited || len(complaints) != c.n {
			t.Errorf("%q: cites %v, complaints %v", c.text, codes, complaints)
		}
	}
}
