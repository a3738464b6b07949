package interpret

import "github.com/senior-backend/toolkit/scaffolder/internal/routes/ecma"

func (f *frame) unary(n *ecma.Node) Value {
	if n.Kind == ecma.Update {
		old, known := f.eval(n.Left).(Num)
		var v Value = Unknown(f.at(n))
		if known && n.Text == "++" {
			v = old + 1
		} else if known {
			v = old - 1
		}
		f.assign(n.Left, v)
		if known && n.Left.Start == n.Start { // x++
			return old
		}
		return v
	}
	v := f.eval(n.Left)
	switch n.Text {
	case "!":
		if truth, known := Truth(v); known {
			return Bool(!truth)
		}
	case "typeof":
		if s, ok := v.(*Symbol); ok && s.Op == Opaque && s.Name != "" && n.Left.Kind == ecma.Identifier {
			return Str("undefined")
		}
		if name, known := typeOf(v); known {
			return Str(name)
		}
	case "void":
		return Undefined{}
	case "-":
		switch v := v.(type) {
		case Num:
			return -v
		case Big:
			return "-" + v
		}
	case "+":
		if text, ok := v.(Str); ok {
			return numeric(string(text))
		}
		if number, ok := v.(Num); ok {
			return number
		}
	case "delete":
		if n.Left.Kind == ecma.Dot {
			if o, ok := f.eval(n.Left.Left).(*Object); ok && f.m.uncertain <= o.level {
				o.remove(n.Left.Text)
			}
		}
		return Bool(true)
	}
	return Unknown(f.at(n))
}
