package openapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of what is fetched: time for one file, and how many of them.
const (
	fetchTimeout = 20 * time.Second
	maxFetched   = 200
)

// errRemote is a reference to the network where that is not allowed.
var errRemote = errors.New("is on the network, from where nothing is read; --allow-remote-refs allows it")

// address is the URL that a reference from a file means: one that says so
// itself, or one that is relative to a file that was fetched. Nil means a file.
func address(from *file, location string) *url.URL {
	parsed, err := url.Parse(location)
	if err != nil {
		return nil
	}
	if from.url != nil {
		return from.url.ResolveReference(parsed)
	}
	if scheme, _, ok := strings.Cut(location, "://"); ok && scheme != "file" || strings.HasPrefix(location, "//") {
		return parsed
	}
	return nil
}

// fetch reads a file from the network, once.
func (f *files) fetch(from *url.URL) (*file, error) {
	if !f.remote || from.Scheme != "http" && from.Scheme != "https" {
		return nil, errRemote
	}
	plain := *from
	plain.Fragment, plain.User = "", nil
	name := plain.String()
	if known, ok := f.parsed[name]; ok {
		return known, nil
	}
	if err, ok := f.failed[name]; ok {
		return nil, err
	}
	opened, err := f.fetchNew(name, &plain)
	if err != nil {
		f.failed[name] = err
		return nil, err
	}
	f.parsed[name] = opened
	f.order = append(f.order, name)
	return opened, nil
}

func (f *files) fetchNew(name string, from *url.URL) (*file, error) {
	if f.fetched++; f.fetched > maxFetched {
		return nil, fmt.Errorf("more than %d files would be fetched", maxFetched)
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for it: %w", err)
	}
	request.Header.Set("Accept", "application/json, application/yaml, text/yaml, */*;q=0.5")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return nil, fmt.Errorf("fetch it: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", response.Status)
	}
	data, err := f.readAll(name, io.LimitReader(response.Body, f.left+1))
	if err != nil {
		return nil, err
	}
	node, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	// Further references are relative to where the file was found in the end.
	return &file{path: name, url: response.Request.URL, root: node}, nil
}
