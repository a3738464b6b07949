package verdict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/senior-backend/toolkit/loadtester/internal/plan"
	"github.com/senior-backend/toolkit/loadtester/internal/result"
	"github.com/senior-backend/toolkit/shared/fault"
)

// maxBaseline is the size in bytes of the largest result file that is read.
const maxBaseline = 256 << 20

// LoadBaseline reads a saved result: a document with "results", as this tool writes and
// its predecessor wrote, or a bare record. Of several records it takes that of the
// target.
func LoadBaseline(path string, t *plan.Target) (*result.Record, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var document struct {
		Results []*result.Record `json:"results"`
		result.Record
	}
	if err := unmarshal(text, &document); err != nil {
		return nil, explainJSON(path, text, err)
	}
	records := document.Results
	if len(records) == 0 && document.TotalRequests > 0 {
		records = []*result.Record{&document.Record}
	}
	var chosen *result.Record
	for _, r := range records {
		if r != nil && (len(records) == 1 || r.TargetURL == t.Name) {
			chosen = r
			break
		}
	}
	switch {
	case len(records) == 0:
		return nil, &fault.Input{Path: path, Message: "holds no result", Hint: "name a file written with --output"}
	case chosen == nil:
		return nil, &fault.Input{Path: path, Message: fmt.Sprintf("holds %d results, none of them of %s", len(records), t.Name), Hint: "name a file with a result of this URL"}
	case chosen.TotalRequests == 0 || chosen.SuccessfulRequests == 0:
		return nil, &fault.Input{Path: path, Message: "is of a run without a successful request", Hint: "save one of a server that works"}
	}
	return chosen, nil
}

// unmarshal reads a document, also where a report stands around it: the predecessor
// printed both, and its output was saved as it came.
func unmarshal(text []byte, to any) error {
	err := json.Unmarshal(text, to)
	if err == nil || bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return err
	}
	begin := bytes.Index(text, []byte("\n{"))
	if begin < 0 || json.NewDecoder(bytes.NewReader(text[begin:])).Decode(to) != nil {
		return err
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxBaseline+1))
	switch {
	case err != nil:
		return nil, unreadable(path, err)
	case len(text) == 0:
		return nil, &fault.Input{Path: path, Message: "is empty", Hint: "name a file written with --output"}
	case len(text) > maxBaseline:
		return nil, &fault.Input{Path: path, Message: "is larger than any result", Hint: "name a file written with --output"}
	}
	return text, nil
}

// unreadable is the fault of a file that can't be read.
func unreadable(path string, err error) error {
	cause := err
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		cause = pathErr.Err
	}
	return &fault.Input{
		Path: path, Message: "saved result can't be read: " + cause.Error(),
		Hint: "write one first with --output FILE", Err: err,
	}
}

// explainJSON says where a document is broken.
func explainJSON(path string, text []byte, err error) error {
	fail := &fault.Input{Path: path, Message: "is no JSON result", Hint: "name a file written with --output", Err: err}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
		fail.Message = fmt.Sprintf("is no result: %s is a JSON %s", kind.Field, kind.Value)
	}
	if offset > 0 && offset <= int64(len(text)) {
		before := string(text[:offset-1])
		fail.Line = strings.Count(before, "\n") + 1
		fail.Column = len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	}
	return fail
}

// Alike refuses a saved result that was measured in another way than the plan will.
func Alike(path string, old *result.Record, p *plan.Plan) error {
	var unlike []string
	note := func(what string, was, is any) {
		unlike = append(unlike, fmt.Sprintf("%s was %v, is %v", what, was, is))
	}
	if method := p.Targets[0].Method; old.Method != "" && !strings.EqualFold(old.Method, method) {
		note("the method", old.Method, method)
	}
	if old.Concurrency != 0 && old.Concurrency != p.Concurrency {
		note("the concurrency", old.Concurrency, p.Concurrency)
	}
	if old.Rate != p.Rate {
		note("the rate", old.Rate, p.Rate)
	}
	was := old.PlannedSeconds
	if was == 0 {
		was = math.Round(old.DurationSeconds) // of the predecessor, which noted how long it took
	}
	if is := p.Duration.Seconds(); was > 0 && math.Abs(was-is) > 0.1*is && math.Abs(was-is) > 0.5 {
		note("the duration", fmt.Sprintf("%g s", was), fmt.Sprintf("%g s", is))
	}
	if len(unlike) == 0 {
		return nil
	}
	return &fault.Input{
		Path: path, Message: "the saved run isn't alike: " + strings.Join(unlike, ", "),
		Hint: "load in the same way, or compare anyway with --force",
	}
}

// Regressions compares a run with a saved one. A metric has regressed when it is worse
// by more than the tolerance (a share), and, where both runs have enough seconds to
// tell, not just by chance.
func Regressions(old, now *result.Record, tolerance float64) ([]Difference, Check) {
	differences := []Difference{}
	var worse []string
	for _, m := range compared() {
		if m.name == "p10" {
			continue // results don't tell it
		}
		d := Difference{Metric: m.name, Unit: m.unit, A: m.of(old), B: m.of(now)}
		d.Low, d.High = math.NaN(), math.NaN()
		if a, b := secondsOf(old, m), secondsOf(now, m); len(a) >= leastSlices && len(b) >= leastSlices {
			d.Low, d.High = bootstrapUnpaired(a, b)
		}
		d.judge(m, tolerance)
		differences = append(differences, d)
		if d.Verdict == Worse {
			worse = append(worse, fmt.Sprintf("%s %s, was %s", m.name, words(d.B, m.unit), words(d.A, m.unit)))
		}
	}
	c := Check{Name: "--compare", Holds: len(worse) == 0}
	if c.Holds {
		c.Text = fmt.Sprintf("no regression beyond %.4g%%", tolerance*100)
	} else {
		c.Text = fmt.Sprintf("regression beyond %.4g%%: %s", tolerance*100, strings.Join(worse, "; "))
	}
	return differences, c
}

// secondsOf are the values of a metric in each whole second of a run.
func secondsOf(r *result.Record, m comparedMetric) []float64 {
	var values []float64
	for i, point := range r.Series {
		if float64(i+1) > r.DurationSeconds || point.Requests == point.Failed || m.second == nil {
			continue
		}
		if v := m.second(point); v > 0 {
			values = append(values, v)
		}
	}
	return values
}
