package main

import (
	"fmt"

	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi-validator/schema_validation"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

// faults are what makes the documents of an API, of 3.1 and of 3.0, invalid by the
// schemas of OpenAPI.
func faults(a *api.API) ([]string, error) {
	current, err := openapi.Write(a, openapi.YAML)
	if err != nil {
		return nil, fmt.Errorf("write document: %w", err)
	}
	old, _, err := openapi.WriteOld(a, openapi.YAML)
	if err != nil {
		return nil, fmt.Errorf("write document of 3.0: %w", err)
	}
	var found []string
	for _, text := range [][]byte{current, old} {
		document, err := libopenapi.NewDocument(text)
		if err != nil {
			return nil, fmt.Errorf("read document again: %w", err)
		}
		_, all := schema_validation.ValidateOpenAPIDocument(document)
		for _, one := range all {
			if len(one.SchemaValidationErrors) == 0 {
				found = append(found, fmt.Sprintf("%s: %s: %s", document.GetVersion(), one.Message, one.Reason))
			}
			for _, at := range one.SchemaValidationErrors {
				found = append(found, fmt.Sprintf("%s: %s: %s", document.GetVersion(), at.FieldPath, at.Reason))
			}
		}
	}
	return found, nil
}
