package edge

import "example.org/kit/two/entry"
import "os"

const Name = "edge"

func Main() { os.Exit(len(os.Args)) }

func leave() {
	os.Exit(1)
	_ = entry.Write
}
