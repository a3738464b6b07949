package interpret

import "github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"

func (f *frame) forLoop(n *ecma.Node) flow {
	return f.within(f.scope.inner(), func() flow {
		if n.Left != nil && n.Left.Kind == ecma.Variables {
			f.variables(n.Left)
		} else if n.Left != nil {
			f.eval(n.Left)
		}
		for range maxLoop {
			if n.Right != nil {
				truth, known := Truth(f.eval(n.Right))
				if !known {
					f.maybe(n.Body)
					return onward
				}
				if !truth {
					return onward
				}
			}
			// Closures of each round see its own variables.
			before := f.scope
			f.scope = copied(before)
			end := f.exec(n.Body)
			if end == broken {
				return onward
			}
			if end == returned || end == thrown {
				return end
			}
			if n.More().Third != nil {
				f.eval(n.More().Third)
			}
			if !f.step(n) {
				return onward
			}
		}
		return onward
	})
}

func copied(s *Scope) *Scope {
	c := *s
	c.cells = make(map[string]*cell, len(s.cells))
	for name, value := range s.cells {
		one := *value
		c.cells[name] = &one
	}
	return &c
}

func (f *frame) forEach(n *ecma.Node) flow {
	subject := f.eval(n.Right)
	var items []Value
	known := true
	if n.Kind == ecma.ForIn {
		var keys []string
		keys, known = f.m.keys(subject)
		for _, key := range keys {
			items = append(items, Str(key))
		}
	} else {
		items, known = f.m.Items(subject)
	}
	for i, item := range items {
		if i == maxLoop {
			break
		}
		end := f.round(n, item)
		if end == broken {
			return onward
		}
		if end == returned || end == thrown {
			return end
		}
	}
	if !known {
		f.m.uncertain++
		f.round(n, f.m.item(subject, f.at(n.Right)))
		f.m.uncertain--
	}
	return onward
}

func (f *frame) round(n *ecma.Node, item Value) flow {
	return f.within(f.scope.inner(), func() flow {
		if n.Left.Kind == ecma.Variables {
			f.bind(n.Left.List[0].Left, item, f.scope)
		} else {
			f.assign(n.Left, item)
		}
		return f.exec(n.Body)
	})
}

func (f *frame) while(n *ecma.Node) flow {
	for i := range maxLoop {
		if n.Kind == ecma.While || i > 0 {
			truth, known := Truth(f.eval(n.Left))
			if !known {
				if i == 0 {
					f.maybe(n.Body)
				}
				return onward
			}
			if !truth {
				return onward
			}
		}
		end := f.exec(n.Body)
		if end == broken {
			return onward
		}
		if end == returned || end == thrown {
			return end
		}
		if !f.step(n) {
			return onward
		}
	}
	return onward
}
