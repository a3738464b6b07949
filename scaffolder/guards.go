package main

import (
	"os"
	"path/filepath"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
	"github.com/senior-backend/toolkit/shared/fault"
)

// guards returns the tiers that o asks for. It refuses what would guard nothing,
// and to take the roles out of a server that has them.
func guards(o options, p place, a *api.API) (string, error) {
	proved := false
	for _, operation := range a.Operations {
		proved = proved || len(operation.Security) > 0
	}
	if (o.Roles || o.Tiers != "") && !proved {
		return "", &fault.Input{
			Path: o.Spec, Message: o.guards() + " needs callers that prove who they are, and no operation asks for that",
			Hint: "declare securitySchemes and security",
		}
	}
	policy := filepath.Join(p.root, p.source, emit.PolicyFile)
	if !o.Roles && !o.TypesOnly {
		if _, err := os.Stat(policy); err == nil {
			if _, err := os.Stat(filepath.Join(p.root, p.source, "middleware", "rbac.ts")); err == nil {
				return "", fault.Usagef("%s says who may do what, and would be asked no more: give --rbac, or delete it", filepath.ToSlash(policy))
			}
		}
	}
	if o.Tiers == "" {
		return "", nil
	}
	return emit.Tiers(o.Tiers)
}
