package main

import (
	"go/ast"
	"slices"
	"strings"
)

// climbRow follows an element of a composite literal: a field to the place that prints it, or else
// to the row that has it.
func (c *climber) climbRow(lit *ast.CompositeLit, element ast.Expr, text string,
	depth int) (string, bool) {
	name := c.typeOf(lit)
	fields := c.fields[c.source(lit).pkg()][name]
	if len(fields) > 0 {
		field := ""
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				field = key.Name
			}
		} else if i := slices.Index(lit.Elts, element); i < len(fields) {
			field = fields[i]
		}
		if field != "" && c.only(lit, name, field) {
			if wide, ok := c.field(lit, field, text, depth); ok {
				return wide, true
			}
		}
	}
	if kv, ok := element.(*ast.KeyValueExpr); ok && len(fields) == 0 {
		if _, isMap := lit.Type.(*ast.MapType); isMap {
			return c.label(kv.Key) + ": " + text, true
		}
	}
	return c.row(lit, element, text)
}

// only reports whether no other struct of the package has a field with this name.
func (c *climber) only(lit *ast.CompositeLit, name, field string) bool {
	for other, fields := range c.fields[c.source(lit).pkg()] {
		if other != name && slices.Contains(fields, field) {
			return false
		}
	}
	return true
}

// field climbs from a field to the places of the same package that read it.
func (c *climber) field(at ast.Node, name, text string, depth int) (string, bool) {
	pkg := c.source(at).pkg()
	for _, use := range c.uses[name] {
		sel, ok := c.parent[use].(*ast.SelectorExpr)
		if !ok || sel.Sel != use || c.source(use).pkg() != pkg {
			continue
		}
		if set, ok := c.parent[sel].(*ast.AssignStmt); ok && slices.Contains(set.Lhs, ast.Expr(sel)) {
			continue
		}
		if wide, ok := c.climb(sel, text, depth+1); ok {
			return wide, true
		}
	}
	return "", false
}

// row puts the name of a row before one of its texts: the first short string in it.
func (c *climber) row(lit *ast.CompositeLit, element ast.Expr, text string) (string, bool) {
	if list, ok := lit.Type.(*ast.ArrayType); ok {
		return c.cells(list, lit, element, text)
	}
	first := lit.Elts[0]
	if first == element {
		return "", false
	}
	if kv, ok := first.(*ast.KeyValueExpr); ok {
		first = kv.Value
	}
	label := c.label(first)
	if label == "" || len(label) > 60 || strings.Contains(label, "\n") {
		return "", false
	}
	return label + ": " + text, true
}

// cells returns the cells of a row of a table, of which some are values.
func (c *climber) cells(list *ast.ArrayType, lit *ast.CompositeLit, element ast.Expr,
	text string) (string, bool) {
	if x, ok := list.Elt.(*ast.Ident); !ok || x.Name != "string" || len(lit.Elts) < 2 {
		return "", false
	}
	var parts []string
	values := false
	for _, e := range lit.Elts {
		_, isText := joined(e)
		values = values || !isText
		parts = append(parts, c.render(e, element, text))
	}
	row := strings.Join(parts, " | ")
	return row, values && len(row) < 200 // longer: a list of sentences, not a row
}

// label returns the text of a string, or the words of a name.
func (c *climber) label(e ast.Expr) string {
	s := c.render(e, nil, "")
	return strings.NewReplacer("‹", "", "›", "", "…", "").Replace(s)
}
