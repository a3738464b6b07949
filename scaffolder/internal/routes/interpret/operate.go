package interpret

import (
	"math"
	"strconv"
	"strings"
)

func numeric(text string) Value {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return Num(n)
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return Num(n)
	}
	if text == "" {
		return Num(0)
	}
	return Num(math.NaN())
}

// compute is a binary operator on simple values; nil when that is not known.
func compute(operator string, left, right Value) Value {
	switch operator {
	case "===", "==", "!==", "!=":
		equal, known := same(left, right)
		if len(operator) == 2 && (nullish(left) || nullish(right)) && known {
			equal = nullish(left) == nullish(right)
		}
		if !known {
			// What another package gives is something.
			if s, ok := left.(*Symbol); ok && nullish(right) && s.Op == External {
				return Bool(strings.HasPrefix(operator, "!"))
			}
			return nil
		}
		return Bool(equal != strings.HasPrefix(operator, "!"))
	}
	a, leftNumber := left.(Num)
	b, rightNumber := right.(Num)
	if x, ok := left.(Str); ok {
		if y, ok := right.(Str); ok {
			return compareTexts(operator, string(x), string(y))
		}
	}
	if !leftNumber || !rightNumber {
		return nil
	}
	switch operator {
	case "<":
		return Bool(a < b)
	case ">":
		return Bool(a > b)
	case "<=":
		return Bool(a <= b)
	case ">=":
		return Bool(a >= b)
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return Num(math.Mod(float64(a), float64(b)))
	case "**":
		return Num(math.Pow(float64(a), float64(b)))
	case "&":
		return Num(int64(a) & int64(b))
	case "|":
		return Num(int64(a) | int64(b))
	case "<<":
		return Num(int32(a) << (uint32(b) & 31))
	}
	return nil
}

func compareTexts(operator, x, y string) Value {
	switch operator {
	case "<":
		return Bool(x < y)
	case ">":
		return Bool(x > y)
	case "<=":
		return Bool(x <= y)
	case ">=":
		return Bool(x >= y)
	}
	return nil
}
