package edge

import (
	"os"

	"example.org/kit/two/entry"
)

const Name = "edge"

func Main() { os.Exit(len(os.Args)) }

func leave() {
	os.Exit(1)
	_ = entry.Write
}
