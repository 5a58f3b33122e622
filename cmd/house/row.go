package main

import (
	"go/ast"
	"maps"
	"regexp"
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
		if field != "" {
			if wide, ok := c.field(lit, name, field, text, depth); ok {
				return wide, true
			}
		}
	}
	if kv, ok := element.(*ast.KeyValueExpr); ok && len(fields) == 0 {
		if _, isMap := lit.Type.(*ast.MapType); isMap {
			label := c.label(kv.Key)
			c.labels++
			return label + ": " + text, label != ""
		}
	}
	return c.row(lit, element, text)
}

// field climbs from a field of a struct to the places of the same package that read it from a
// receiver or a parameter of this type.
func (c *climber) field(at *ast.CompositeLit, of, name, text string, depth int) (string, bool) {
	pkg := c.source(at).pkg()
	for _, use := range c.uses[name] {
		sel, ok := c.parent[use].(*ast.SelectorExpr)
		if !ok || sel.Sel != use || c.source(use).pkg() != pkg || !c.isOf(sel.X, of) {
			continue
		}
		if set, ok := c.parent[sel].(*ast.AssignStmt); ok && slices.Contains(set.Lhs, ast.Expr(sel)) {
			continue
		}
		d := c.decl(use)
		before := maps.Clone(c.values[d])
		for i, e := range at.Elts {
			key := ""
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				key, e = keyOf(kv.Key), kv.Value
			} else if fields := c.fields[pkg][of]; i < len(fields) {
				key = fields[i]
			}
			c.note(d, keyOf(sel.X)+"."+key, c.render(e, nil, ""))
		}
		if wide, ok := c.climb(sel, text, depth+1); ok {
			return wide, true
		}
		c.values[d] = before
	}
	return "", false
}

// isOf reports whether an expression is a receiver or a parameter of the type named of.
func (c *climber) isOf(x ast.Expr, of string) bool {
	id, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	for p := c.parent[x]; p != nil; p = c.parent[p] {
		d, ok := p.(*ast.FuncDecl)
		if !ok {
			continue
		}
		fields := d.Type.Params.List
		if d.Recv != nil {
			fields = slices.Concat(d.Recv.List, fields)
		}
		for _, f := range fields {
			for _, name := range f.Names {
				if name.Name == id.Name {
					return typeName(f.Type) == of
				}
			}
		}
	}
	return false
}

// typeName returns the name of a type or of what a pointer points to.
func typeName(t ast.Expr) string {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if name, ok := t.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// naming has the fields that name a row.
var naming = regexp.MustCompile(`^(?i:name|key|id|kind|what|title|flaw|issues?)$`)

// row puts the name of a row before one of its texts: the first short string in it.
func (c *climber) row(lit *ast.CompositeLit, element ast.Expr, text string) (string, bool) {
	if list, ok := lit.Type.(*ast.ArrayType); ok {
		return c.cells(list, lit, element, text)
	}
	first := lit.Elts[0]
	if first == element {
		if kv, ok := first.(*ast.KeyValueExpr); ok && !naming.MatchString(keyOf(kv.Key)) {
			return "", false // the field is no name of the row
		}
		if strings.HasSuffix(text, ".") {
			return "", false // a whole sentence is no name
		}
		return c.described(lit, text)
	}
	if kv, ok := first.(*ast.KeyValueExpr); ok {
		if !naming.MatchString(keyOf(kv.Key)) {
			return "", false
		}
		first = kv.Value
	}
	label := c.label(first)
	if label == "" || len(label) > 60 || strings.Contains(label, "\n") {
		return "", false
	}
	c.labels++
	return label + ": " + text, true
}

// described puts the second text of a row after its first.
func (c *climber) described(lit *ast.CompositeLit, text string) (string, bool) {
	for _, e := range lit.Elts[1:] {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		if s, ok := joined(e); ok && word.MatchString(s) && len(s) < 200 {
			return text + ": " + c.render(e, nil, ""), true
		}
	}
	return "", false
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
		if _, ok := e.(*ast.KeyValueExpr); ok {
			return "", false
		}
		_, isText := joined(e)
		values = values || !isText
		parts = append(parts, c.render(e, element, text))
	}
	row := strings.Join(parts, " | ")
	return row, values && len(row) < 200 // longer: a list of sentences, not a row
}

// label returns the text of a string or of a constant, or the words of an exported name.
func (c *climber) label(e ast.Expr) string {
	if s, ok := c.constant(e); ok && word.MatchString(s) {
		return s
	}
	if s, ok := joined(e); ok {
		return s
	}
	switch x := e.(type) {
	case *ast.Ident:
		if x.IsExported() {
			return c.name(x)
		}
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok && folderOf(c.source(e), pkg.Name) != "" {
			return c.name(x)
		}
	}
	return ""
}
