package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/shared/fault"
)

func TestStatus(t *testing.T) {
	input := &fault.Input{Path: "a.sql", Message: "bad"}
	for name, test := range map[string]struct {
		err  error
		want int
	}{
		"nothing wrong":         {nil, 0},
		"any error":             {errors.New("no"), 1},
		"input":                 {input, 1},
		"environment":           {&fault.Environment{Message: "no server"}, 1},
		"usage":                 {fault.Usagef("no"), 2},
		"wrapped usage":         {fmt.Errorf("parse: %w", fault.Usagef("no")), 2},
		"verdict":               {fault.Verdictf("p99 too high"), 3},
		"joined verdict":        {errors.Join(errors.New("x"), fault.Verdictf("p99")), 3},
		"interrupted":           {fmt.Errorf("run: %w", fault.ErrInterrupted), 130},
		"cancelled":             {fmt.Errorf("run: %w", context.Canceled), 130},
		"verdict cut short":     {errors.Join(fault.Verdictf("p99"), fault.ErrInterrupted), 130},
		"deadline is no Ctrl-C": {context.DeadlineExceeded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, fault.Status(test.err))
		})
	}
}

func TestInputSaysWhereAndWhatToDo(t *testing.T) {
	for want, err := range map[string]fault.Input{
		"a.yaml:3:7: no such key; remove it": {Path: "a.yaml", Line: 3, Column: 7, Message: "no such key", Hint: "remove it"},
		"a.yaml:3: no such key":              {Path: "a.yaml", Line: 3, Message: "no such key"},
		"a.yaml: is empty":                   {Path: "a.yaml", Column: 9, Message: "is empty"},
		"line 4: is wrong":                   {Line: 4, Message: "is wrong"},
	} {
		require.Equal(t, want, err.Error())
	}
}

func TestCausesStayReachable(t *testing.T) {
	require.ErrorIs(t, &fault.Input{Message: "gone", Err: fs.ErrNotExist}, fs.ErrNotExist)
	require.ErrorIs(t, &fault.Environment{Message: "gone", Err: fs.ErrNotExist}, fs.ErrNotExist)
}
