// Package runtime holds the part of every generated server that is the same
// whatever the API and the framework: sources that are written as they are.
package runtime

import "embed"

// Files are the sources, which go to the folder middleware.
//
//go:embed *.ts
var Files embed.FS
