package scratch

import (
	"context"
	"fmt"
)

// Restart ends a private server in order and starts it again, as an operator
// does for settings that ask for it; its databases stay, with new connections.
// The settings named are not given on its command line any more: what ALTER
// SYSTEM made of them holds, else the server's own.
func (s *Server) Restart(ctx context.Context, settings ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d := range s.databases {
		_ = d.db.Close()
	}
	_, _ = s.lock.Close(), s.admin.Close()
	if err := s.cluster.process.end(); err != nil {
		return err
	}
	o := s.options
	o.again, o.left = true, settings
	err := s.cluster.start(ctx, o)
	if err != nil {
		return err
	}
	if s.admin, err = Connect(ctx, s.url); err != nil {
		return err
	}
	if s.lock, err = s.admin.Conn(ctx); err != nil {
		return fmt.Errorf("hold a connection: %w", err)
	}
	for d := range s.databases {
		if err := d.mark(ctx); err != nil {
			return err
		}
		if d.db, err = Connect(ctx, d.url); err != nil {
			return err
		}
	}
	return nil
}
