package main

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// forwarded climbs from a format that a method of this module fills and adds to a list.
func (c *climber) forwarded(call *ast.CallExpr, n ast.Expr, text string, depth int) (string, bool) {
	decl := c.declared(call)
	if decl == nil || decl.Recv == nil || decl.Body == nil || len(decl.Body.List) != 1 {
		return "", false
	}
	if _, ok := decl.Body.List[0].(*ast.AssignStmt); !ok {
		return "", false
	}
	return c.argument(call, n, text, depth)
}

// element climbs from a text in a list to the loop that prints the list: the list is a field, and
// every field of this name is a list of strings.
func (c *climber) element(list *ast.SelectorExpr, text string, depth int) (string, bool) {
	if !c.areLists(list.Sel.Name) {
		return "", false
	}
	for _, use := range c.uses[list.Sel.Name] {
		loop, ok := c.parent[c.parent[use]].(*ast.RangeStmt)
		if !ok || loop.X != c.parent[use] {
			continue
		}
		if v, ok := loop.Value.(*ast.Ident); ok {
			if wide, ok := c.joinedUse(v.Name, whole(loop.Body), text, depth+1); ok {
				return wide, true
			}
		}
	}
	return "", false
}

// areLists reports whether every field of this name in the module is a list of strings.
func (c *climber) areLists(name string) bool {
	any := false
	for _, use := range c.uses[name] {
		field, ok := c.parent[use].(*ast.Field)
		if !ok {
			continue
		}
		list, ok := field.Type.(*ast.ArrayType)
		if !ok {
			return false
		}
		of, ok := list.Elt.(*ast.Ident)
		if any = ok && of.Name == "string"; !any {
			return false
		}
	}
	return any
}

// alike returns, for each name that is shown in place of a value, the different values that have
// this name in one list of arguments.
func (c *climber) alike(args []ast.Expr, part ast.Node, text string) map[string][]string {
	named := map[string][]string{}
	for _, a := range args {
		s := c.render(a, part, text)
		if !strings.HasPrefix(s, "‹") || strings.Index(s, "›") != len(s)-len("›") || s == "‹…›" {
			continue
		}
		if x := types.ExprString(a); !slices.Contains(named[s], x) {
			named[s] = append(named[s], x)
		}
	}
	return named
}
