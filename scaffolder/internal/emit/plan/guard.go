package plan

import (
	"encoding/json"
	"slices"
)

// Guarded tells operations whose callers have to prove something.
func (o *Operation) Guarded() bool { return len(o.Needs) > 0 && !o.Unreachable }

// Anonymous tells operations for which nothing is one of the proofs.
func (o *Operation) Anonymous() bool {
	for _, requirement := range o.Needs {
		if len(requirement) == 0 {
			return true
		}
	}
	return false
}

// RequiredRoles are the roles that x-required-roles names: a list, or one.
func (o *Operation) RequiredRoles() []string {
	var roles []string
	for _, extension := range o.Extensions {
		if extension.Name != "x-required-roles" {
			continue
		}
		var one string
		if json.Unmarshal([]byte(extension.Value), &one) == nil {
			return []string{one}
		}
		if json.Unmarshal([]byte(extension.Value), &roles) != nil {
			return nil
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(roles)))
}

// Repeats says what becomes of a request that comes again with its key.
type Repeats int

// What becomes of repeated requests.
const (
	Executed  Repeats = iota // every one is executed
	Once                     // with a key, the first alone
	OnceByKey                // likewise, and without a key none
)

// Repeats is what x-idempotency says: true, false or "required"; without it
// POST and PATCH, which are not idempotent of themselves, are executed once.
func (o *Operation) Repeats() Repeats {
	for _, extension := range o.Extensions {
		switch {
		case extension.Name != "x-idempotency":
		case string(extension.Value) == "false":
			return Executed
		case string(extension.Value) == `"required"`:
			return OnceByKey
		default:
			return Once
		}
	}
	if o.Method == "POST" || o.Method == "PATCH" {
		return Once
	}
	return Executed
}
