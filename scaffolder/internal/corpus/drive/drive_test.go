package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit/emittest"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
	"github.com/senior-backend/toolkit/scaffolder/internal/openapi"
)

// TestKeywords drives the server of a document that has every keyword.
func TestKeywords(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"--packages", emittest.Packages(t), "--limit", "500", "testdata"}, &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Regexp(t, regexp.MustCompile(`^all +12 +12 +\d+ +\d+ +\d+ +0$`), lines[len(lines)-1], out.String())
}

// TestEveryKeywordIsBroken holds that the runner sends what it says that it does.
func TestEveryKeywordIsBroken(t *testing.T) {
	read, err := openapi.Read("testdata/keywords.yaml", openapi.Options{})
	require.NoError(t, err)
	p := plan.New(read.API)
	broken := map[string]bool{}
	for _, operation := range p.Operations {
		for _, one := range example.Thorough(p, operation, 500) {
			broken[one.Keyword] = true
			broken[one.Keyword+" "+one.Field] = true
		}
	}
	for _, keyword := range strings.Fields(`type null enum const minLength maxLength pattern format minimum maximum exclusiveMinimum
		exclusiveMaximum multipleOf integer minItems maxItems uniqueItems contains maxContains items required missing
		additionalProperties patternProperties propertyNames minProperties maxProperties dependentRequired not discriminator`) {
		require.True(t, broken[keyword], keyword)
	}
	for _, field := range strings.Fields("dateTime date time duration email uuid uri ipv4 ipv6 hostname byte decimal int32 int64 large deep.b.c session") {
		require.True(t, broken["format "+field], field)
	}
}
