package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"
)

// stall: of 10,000 requests 1,000 wait, evenly for 0 to 1 second; so the slowest hundred
// waited for 900 ms at least, and the slowest ten for 990.
func (b *bench) stall() error {
	s, err := b.serve(nil)
	if err != nil {
		return err
	}
	defer s.stop()
	r, err := b.load(nil, "http://"+s.address+"/stall", "--rate", "1000", "-d", "10", "--max-connections", "2000")
	if err != nil {
		return err
	}
	b.holds(r.Total == 10_000 && r.Failed == 0, "10,000 requests", "%d, %d failed, %d late", r.Total, r.Failed, r.Late)
	b.within("p99", r.P99, 900, 0.03)
	b.within("p99.9", r.P999, 990, 0.02)
	return nil
}

func (b *bench) distribution(name string) func() error {
	return func() error {
		s, err := b.serve(nil)
		if err != nil {
			return err
		}
		defer s.stop()
		r, err := b.load(nil, "http://"+s.address+"/"+name, "--rate", "200", "-d", "20", "--warmup", "1")
		if err != nil {
			return err
		}
		for _, p := range []struct {
			name string
			q    float64
			got  float64
		}{{"p50", 0.5, r.P50}, {"p90", 0.9, r.P90}, {"p99", 0.99, r.P99}} {
			took, err := s.took(name, p.q)
			if err != nil {
				return err
			}
			b.within(fmt.Sprintf("%s, meant to be %.4g ms,", p.name, quantiles()[name](p.q)), p.got, took, 0.01)
		}
		return nil
	}
}

// took asks a server for a quantile of how long its requests really took.
func (s *server) took(name string, q float64) (float64, error) {
	answer, err := http.Get(fmt.Sprintf("http://%s/took/%s?q=%v", s.address, name, q))
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var took float64
	_, err = fmt.Fscan(answer.Body, &took)
	return took, err
}

// restart: the server is killed after 2 seconds and is back after 5.
func (b *bench) restart() error {
	s, err := b.serve(nil)
	if err != nil {
		return err
	}
	again := make(chan *server, 1)
	go func() {
		time.Sleep(2 * time.Second)
		s.stop()
		time.Sleep(3 * time.Second)
		next, err := b.serve(nil, "-listen", s.address)
		if err != nil {
			fmt.Println(err)
		}
		again <- next
	}()
	r, err := b.load(nil, "http://"+s.address+"/", "-c", "20", "-d", "8")
	if next := <-again; next != nil {
		next.stop()
	}
	if err != nil {
		return err
	}
	refused := r.find("connection_refused")
	b.holds(refused.lasted(2*time.Second, 5*time.Second), "connection_refused from 2 to 5 s", "%v", refused)
	for i := range r.Events {
		if e := &r.Events[i]; e.Type == "connection_reset" || e.Type == "connection_closed" {
			b.holds(e.lasted(2*time.Second, 3*time.Second), e.Type+" at 2 s", "%v", e)
		}
	}
	b.holds(r.Total-r.Failed > 1000, "it goes on", "%d requests succeeded", r.Total-r.Failed)
	return nil
}

// expiry: the certificate expires 5 seconds after the server has begun.
func (b *bench) expiry() error {
	authority := filepath.Join(b.dir, "authority.pem")
	s, err := b.serve(nil, "-expires", "5s", "-authority", authority)
	if err != nil {
		return err
	}
	defer s.stop()
	r, err := b.load(nil, "https://"+s.address+"/", "--cacert", authority, "-c", "5", "--no-keepalive", "--think", "5ms", "-d", "8")
	if err != nil {
		return err
	}
	e := r.find("tls_verification")
	b.holds(e.lasted(5*time.Second, 8*time.Second), "tls_verification from 5 s on", "%v", e)
	b.holds(len(r.Errors) == 1, "nothing else", "%v", r.Errors)
	return nil
}

// many: 10,000 connections at once, each with a request every two seconds.
func (b *bench) many() error {
	s, err := b.serve(nil)
	if err != nil {
		return err
	}
	defer s.stop()
	r, err := b.load(nil, "http://"+s.address+"/", "-c", "10000", "--think", "2s", "-d", "20")
	if err != nil {
		return err
	}
	b.holds(r.Opened.Opened == 10_000 && r.Failed == 0, "10,000 connections", "%d opened, %d of %d requests failed", r.Opened.Opened, r.Failed, r.Total)
	out, err := exec.Command("sh", "-c", "ulimit -n 4000; exec "+b.tool+" http://"+s.address+"/ -c 10000").CombinedOutput() //nolint:gosec // our own
	b.holds(err != nil, "refused with fewer files", "%s", out)
	return nil
}
