package advise

import "slices"

// does says whether an index begins as the other one is, and so does its work.
func (w *weighed) does(other *weighed) bool {
	if w.table != other.table || w.method != "btree" || other.method != "btree" || w.where != other.where || len(w.keys) < len(other.keys) ||
		len(w.keys) == len(other.keys) && len(w.include) <= len(other.include) {
		return false
	}
	for n, k := range other.keys {
		if w.keys[n].sql != k.sql || w.keys[n].suffix != k.suffix {
			return false
		}
	}
	return !slices.ContainsFunc(other.include, func(name string) bool {
		return !slices.Contains(w.include, name) && !slices.ContainsFunc(w.keys, func(k candidateKey) bool { return k.column == name })
	})
}

// turns says whether an index has the columns of the other one in another order.
func (w *weighed) turns(other *weighed) bool {
	if w.table != other.table || w.method != other.method || w.where != other.where || len(w.keys) != len(other.keys) || !slices.Equal(w.include, other.include) {
		return false
	}
	return !slices.ContainsFunc(w.keys, func(k candidateKey) bool {
		return !slices.ContainsFunc(other.keys, func(o candidateKey) bool { return o.sql == k.sql && o.suffix == k.suffix })
	})
}
