package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/loadtester/internal/template"
)

// TestSharesMakeUpTheWhole: of any number of machines, each request and each connection is
// one machine's, at every moment of a ramp.
func TestSharesMakeUpTheWhole(t *testing.T) {
	shape := newShape(1, []stage{{length: 10, to: 57}, {length: 5, to: 3}})
	for _, machines := range []int{1, 2, 3, 8, 100} {
		seen := map[uint64]bool{}
		var total uint64
		for i := range machines {
			s := Share{Index: i, Of: machines}
			total += s.Count(1003)
			for k := range s.Count(1003) {
				require.False(t, seen[s.Number(k)])
				require.Equal(t, k, s.own(s.Number(k)))
				seen[s.Number(k)] = true
			}
		}
		require.EqualValues(t, 1003, total)
		require.Len(t, seen, 1003)
		for moment := time.Duration(0); moment < 16*time.Second; moment += 137 * time.Millisecond {
			sum := 0
			for i := range machines {
				p := Plan{Shape: shape, Share: Share{Index: i, Of: machines}}
				own := p.Allowed(moment)
				sum += own
				if at := p.Reach(own+1, moment); at < 10*time.Second {
					require.Equal(t, own+1, p.Allowed(at))
				}
			}
			require.Equal(t, shape.Connections(moment), sum)
		}
	}
}

// TestAParcelIsAllThatItNeeds packs options with all kinds of files, takes the files away
// and gets the same requests on each of three machines as on one.
func TestAParcelIsAllThatItNeeds(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	rows := "id,name\n"
	for i := range 11 {
		rows += fmt.Sprintf("%d,\"row\xff %d\"\n", i, i)
	}
	data := write("rows.csv", rows)
	write("body.bin", "\x00\xff{{seq}}")
	file := write("requests.jsonl", `{"method": "POST", "url": "/a/{{seq}}", "body": "@body.bin"}
{"url": "/b?{{.id}}={{.name}}", "headers": {"X-Id": "{{uuid}}"}, "weight": 2}
`)
	o := Options{
		URLs: []string{"http://localhost/x"}, RequestsFile: file, DataFile: data, Concurrency: 4, Timeout: "1", Grace: "1", Warmup: "0", Rate: 10,
	}
	whole, err := o.Validate()
	require.NoError(t, err)
	parcel, err := o.Pack(whole)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	seen := map[string]int{}
	for i := range 3 {
		s := Share{Index: i, Of: 3}
		text, err := whole.Targets[0].Data.Part(s).AppendBinary(nil)
		require.NoError(t, err)
		var part Data
		require.NoError(t, part.UnmarshalBinary(text))
		p, err := parcel.Unpack(&part)
		require.NoError(t, err)
		p = p.Take(s)
		require.Equal(t, whole.Targets[0].Seed, p.Targets[0].Seed)
		for k := range uint64(part.Rows()) {
			v := template.Values{Seed: p.Targets[0].Seed, Index: s.Number(k)}
			p.Targets[0].Draw(&v)
			seen[v.Row[1]]++
		}
	}
	require.Len(t, seen, 11)
	for i := range 11 {
		require.Equal(t, 1, seen[fmt.Sprintf("row\xff %d", i)])
	}
	alien := &Parcel{Options: Options{URLs: o.URLs, Body: "@/etc/passwd", Concurrency: 1, Timeout: "1", Grace: "1", Warmup: "0"}}
	_, err = alien.Unpack(nil)
	require.ErrorContains(t, err, "/etc/passwd: body can't be read")
}

func TestAPlanThatCannotBeShared(t *testing.T) {
	require.ErrorContains(t, (&Plan{Concurrency: 3}).Divide(4), "--concurrency 3")
	require.ErrorContains(t, (&Plan{Rate: 1, MaxConnections: 3}).Divide(4), "--max-connections 3")
	require.NoError(t, (&Plan{Concurrency: 4}).Divide(4))
}

func FuzzData(f *testing.F) {
	d := Data{Path: "p", Columns: []string{"a", "b"}, lines: []int32{2, 3}, cells: []string{"1", "2", "3", "4"}}
	text, err := d.AppendBinary(nil)
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var d Data
		if d.UnmarshalBinary(text) == nil {
			require.Len(t, d.cells, d.Rows()*len(d.Columns))
		}
	})
}
