package emit_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/senior-backend/toolkit/scaffolder/internal/emit"
)

// lists are handlers as a user would write them, over the numbers 1 to 25.
const lists = `import { z } from "zod";
import { notImplemented } from "../middleware/errors.js";
import { cursorPage, idPage, offsetPage, paging } from "../middleware/pagination.js";
import type { Handlers } from "../types.js";

const all = Array.from({ length: 25 }, (_, index) => index + 1);

export const listCounted: Handlers["listCounted"] = async (request, context) => {
  const { offset, limit, of } = offsetPage(paging.listCounted, request, context);
  return { status: 200, data: all.slice(offset, offset + limit), ...of(all.length) };
};

export const listNumbered: Handlers["listNumbered"] = async (request, context) => {
  const { offset, limit, of } = offsetPage(paging.listNumbered, request, context);
  return { status: 200, data: all.slice(offset, offset + limit), ...of(all.length) };
};

function read(take: number, after: number | undefined, before: number | undefined): number[] {
  return before === undefined
    ? all.filter((n) => n > (after ?? 0)).slice(0, take)
    : all.filter((n) => n < before).reverse().slice(0, take);
}

export const listPlaced: Handlers["listPlaced"] = async (request, context) => {
  const page = cursorPage(paging.listPlaced, request, context, z.tuple([z.int()]));
  const { entries, ...beside } = page.of(read(page.take, page.after?.[0], page.before?.[0]), (n) => [n]);
  return { status: 200, data: entries, ...beside };
};

export const listNamed: Handlers["listNamed"] = async (request, context) => {
  const page = idPage(paging.listNamed, request, context);
  const place = (id: string | undefined) => (id === undefined ? undefined : Number(id));
  const { entries, ...beside } = page.of(read(page.take, place(page.after), place(page.before)), String);
  return { status: 200, data: entries, ...beside };
};

export const listByText: Handlers["listByText"] = async (request) => notImplemented(request);
`

type page struct {
	Data []int
	Meta struct {
		Total          int
		HasMore        bool    `json:"has_more"`
		NextCursor     *string `json:"next_cursor"`
		PreviousCursor *string `json:"previous_cursor"`
	}
}

// get returns a page and the links beside it, as addresses on the same path.
func (a asker) get(path string) (page, map[string]string) {
	a.Helper()
	headers, body := a.ask(http.StatusOK, "GET", path, "")
	var got page
	require.NoError(a, json.Unmarshal([]byte(body), &got))
	links := map[string]string{}
	at, _, _ := strings.Cut(path, "?")
	for _, match := range regexp.MustCompile(`<([^>]*)>; rel="(\w+)"`).FindAllStringSubmatch(headers.Get("Link"), -1) {
		links[match[2]] = at + match[1]
	}
	return got, links
}

// walk follows the links of a relation, and returns what was on the pages.
func (a asker) walk(path, relation string) (pages []string, last string) {
	a.Helper()
	for range 30 {
		got, links := a.get(path)
		pages, last = append(pages, fmt.Sprint(got.Data)), path
		next, more := links[relation]
		if !more {
			return pages, last
		}
		path = next
	}
	require.Fail(a, "the pages do not end", path)
	return nil, ""
}

func TestPages(t *testing.T) {
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			result, err := emit.Server(read(t, "testdata/pages.yaml"), emit.Options{
				Framework: framework, Project: true, Document: `{"openapi":"3.1.0"}`, PageByRoutes: true,
			})
			require.NoError(t, err)
			for i, file := range result.Files {
				if file.Path == "routes/lists.ts" {
					require.Contains(t, file.Content, " * Pages: cursorPage(paging.listPlaced, request, context, schema) in middleware/pagination.ts\n")
					require.Equal(t, 4, strings.Count(file.Content, " * Pages: "))
					result.Files[i].Content = lists
				}
			}
			a := asker{t, boot(t, written(t, result))}
			a.counts()
			a.goesOn()
			a.refusesPages()
			// An application that does not mount the page itself has it among the routes.
			_, shown := a.ask(http.StatusOK, "GET", "/v1/docs", "")
			require.Contains(t, shown, "<h1>Pages</h1>")
			_, shown = a.ask(http.StatusOK, "GET", "/v1/docs/openapi.json", "")
			require.Equal(t, `{"openapi":"3.1.0"}`, shown)
			a.ask(http.StatusNotFound, "GET", "/docs", "")
		})
	}
}

func (a asker) counts() {
	a.Helper()
	got, links := a.get("/v1/counted?tag=a,b%20c&offset=10")
	require.Equal(a, []int{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, got.Data)
	require.Equal(a, 25, got.Meta.Total)
	require.True(a, got.Meta.HasMore)
	require.Equal(a, map[string]string{
		"first": "/v1/counted?tag=a,b%20c&offset=0&limit=10", "prev": "/v1/counted?tag=a,b%20c&offset=0&limit=10",
		"next": "/v1/counted?tag=a,b%20c&offset=20&limit=10", "last": "/v1/counted?tag=a,b%20c&offset=20&limit=10",
	}, links)
	got, links = a.get("/v1/counted?offset=1000")
	require.Empty(a, got.Data)
	require.False(a, got.Meta.HasMore)
	require.Equal(a, "/v1/counted?offset=20&limit=10", links["prev"])
	pages, last := a.walk("/v1/numbered?per_page=9", "next")
	require.Equal(a, []string{"[1 2 3 4 5 6 7 8 9]", "[10 11 12 13 14 15 16 17 18]", "[19 20 21 22 23 24 25]"}, pages)
	require.Equal(a, "/v1/numbered?page=3&per_page=9", last)
	got, _ = a.get("/v1/numbered?per_page=5000")
	require.Len(a, got.Data, 25)
}

func (a asker) goesOn() {
	a.Helper()
	for _, path := range []string{"/v1/placed?page_size=10", "/v1/named?limit=10"} {
		there, last := a.walk(path, "next")
		require.Equal(a, []string{"[1 2 3 4 5 6 7 8 9 10]", "[11 12 13 14 15 16 17 18 19 20]", "[21 22 23 24 25]"}, there)
		back, _ := a.walk(last, "prev")
		require.Equal(a, []string{there[2], there[1], there[0]}, back)
	}
	got, _ := a.get("/v1/named?limit=2&starting_after=4")
	require.Equal(a, []int{5, 6}, got.Data)
	require.Equal(a, "6", *got.Meta.NextCursor)
	require.Equal(a, "5", *got.Meta.PreviousCursor)
	got, _ = a.get("/v1/placed?page_size=25")
	require.False(a, got.Meta.HasMore)
	require.Nil(a, got.Meta.NextCursor)
	require.Nil(a, got.Meta.PreviousCursor)
}

func (a asker) refusesPages() {
	a.Helper()
	for path, field := range map[string]string{
		"/v1/counted?limit=51": "limit", "/v1/counted?offset=-1": "offset", "/v1/numbered?page=0": "page",
		"/v1/numbered?page=9007199254740991": "page", "/v1/numbered?per_page=0": "per_page",
		"/v1/placed?after=nonsense": "after", "/v1/placed?before=WyJ4Il0": "before", "/v1/placed?after=WzFd%3D": "after",
		"/v1/placed?after=": "after", "/v1/placed?after=WzFd&before=WzFd": "before",
	} {
		_, body := a.ask(http.StatusBadRequest, "GET", path, "")
		require.Contains(a, body, `"code":"VALIDATION_ERROR"`, path)
		require.Contains(a, body, `"details":[{"field":"`+field+`",`, path)
	}
}
