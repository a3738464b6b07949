package engine

import "context"

// loopFits reports false: event loops of our own exist on Linux only.
func loopFits(*run) bool { return false }

func (r *run) loops(ctx context.Context) error { return r.portable(ctx) }
