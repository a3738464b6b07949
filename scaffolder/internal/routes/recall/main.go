// Command recall reads the routes of real applications and holds them against
// their true lists.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/senior-backend/toolkit/scaffolder/internal/routes"
)

func main() {
	r, err := routes.Read(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range r.Findings {
		fmt.Printf("%-7s %-60s %s:%d\n", f.Method, f.Path, f.Position.Path, f.Position.Line)
	}
	for _, n := range r.Notes {
		fmt.Printf("NOTE %s:%d: %s\n", n.Position.Path, n.Position.Line, n.Message)
	}
	fmt.Println(len(r.Findings), "routes", r.Files, "files")
}
