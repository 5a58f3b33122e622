package scenarios

import (
	"testing"

	"github.com/zablab/zablab/scenarios/script"
)

// TestEveryRecipeHasAProgram: every recipe that a document may name has a program, and no program
// has no recipe.
func TestEveryRecipeHasAProgram(t *testing.T) {
	if len(recipes) != len(script.Recipes) {
		t.Errorf("%d programs for %d recipes", len(recipes), len(script.Recipes))
	}
	for _, r := range script.Recipes {
		if recipes[r.Name] == nil {
			t.Errorf("%s has no program", r.Name)
		}
	}
}
