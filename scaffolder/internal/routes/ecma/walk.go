package ecma

// Walk calls visit for every node below, in the order of the text as far as the
// grammar has it. Where visit returns false, it does not go deeper.
func Walk(nodes []*Node, visit func(*Node) bool) {
	for _, n := range nodes {
		walk(n, visit)
	}
}

func walk(n *Node, visit func(*Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	if n.Extra != nil {
		Walk(n.Decorators, visit)
		Walk(n.TypeParams, visit)
		Walk(n.Params, visit)
	}
	walk(n.Left, visit)
	if n.Extra != nil {
		Walk(n.TypeArgs, visit)
	}
	walk(n.Right, visit)
	Walk(n.List, visit)
	if n.Extra != nil {
		walk(n.Type, visit)
		walk(n.Third, visit)
		walk(n.Body, visit)
	}
}
