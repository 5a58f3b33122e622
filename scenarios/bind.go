package scenarios

// bindings are the names in the drawing that stand for others in the run.
type bindings struct{}

// real is the path in the run of a node that the drawing names.
func (p *player) real(path string) string { return path }
