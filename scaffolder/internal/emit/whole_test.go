package emit_test

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

// wholes sees that no digit of a bigint is lost, wherever it comes and goes.
func (c client) wholes() {
	t := c.t
	const odd, next = "9007199254740993", "9007199254740994"
	first := `{"id":"` + odd + `","sun":null,"mass":"7","moons":["` + odd + `","-9223372036854775808"]}`
	second := `{"id":"` + next + `","sun":"` + odd + `","mass":"9223372036854775807","moons":null}`
	require.JSONEq(t, first, c.want(201, "POST", "/stars", `{"id":"`+odd+`","moons":["`+odd+`","-9223372036854775808"]}`))
	require.JSONEq(t, second, c.want(201, "POST", "/stars", second))
	require.JSONEq(t, first, c.want(200, "GET", "/stars/"+odd, ""))
	for _, filter := range []string{"id[eq]=" + odd, "id[lt]=" + next, "id[in]=" + odd, "id[ne]=" + next, "mass[lte]=9223372036854775806"} {
		require.JSONEq(t, "["+first+"]", c.want(200, "GET", "/stars?"+filter, ""), filter)
	}
	require.JSONEq(t, "["+second+","+first+"]", c.want(200, "GET", "/stars?sort=-id", ""))
	for order, rows := range map[string][2]string{"id": {first, second}, "-id": {second, first}, "-mass": {second, first}} {
		page := c.do("GET", "/stars?limit=1&sort="+order, "")
		require.JSONEq(t, "["+rows[0]+"]", string(page.Data))
		require.JSONEq(t, "["+rows[1]+"]", c.want(200, "GET", "/stars?limit=1&sort="+order+"&cursor="+*page.Meta.NextCursor, ""))
	}
	var related struct {
		Sun struct{ ID string } `json:"stars"`
	}
	require.NoError(t, json.Unmarshal([]byte(c.want(200, "GET", "/stars/"+next+"?include=stars", "")), &related))
	require.Equal(t, odd, related.Sun.ID)
	var back struct {
		Stars []struct{ ID string } `json:"stars_by_sun"`
	}
	require.NoError(t, json.Unmarshal([]byte(c.want(200, "GET", "/stars/"+odd+"?include=stars_by_sun", "")), &back))
	require.Equal(t, next, back.Stars[0].ID)
	require.Contains(t, c.want(200, "PATCH", "/stars/"+next, `{"mass":"`+odd+`"}`), `"mass":"`+odd+`"`)
	require.JSONEq(t, `"`+odd+`"`, c.want(200, "POST", "/rpc/next_whole", `{"n":"9007199254740992"}`))
	require.Equal(t, "id", c.want(400, "POST", "/stars", `{"id":1}`), "a number may have lost digits before it is here")
	require.Equal(t, "mass", c.want(400, "POST", "/stars", `{"id":"1","mass":"-1"}`))
	require.Equal(t, "id", c.want(400, "GET", "/stars/x", ""))
	c.want(400, "GET", "/stars?id[eq]=x", "")
	c.want(400, "POST", "/stars", `{"id":"9223372036854775808"}`)
	c.want(404, "GET", "/stars/9007199254740992", "")
	c.want(204, "DELETE", "/stars/"+next, "")
	c.want(204, "DELETE", "/stars/"+odd, "")
}
