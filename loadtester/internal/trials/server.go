package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// serve answers HTTP: / at once, /stall so that what comes from 4 to 5 seconds after the
// first request is answered at the end of that second, /uniform, /exponential and /bimodal
// after times that are so distributed. Timers are late by up to a millisecond, so
// /took/NAME?q=0.5 tells the quantile of what it really took.
func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	address := flags.String("listen", "127.0.0.1:0", "")
	expires := flags.Duration("expires", 0, "TLS with a certificate that is valid for so long")
	authority := flags.String("authority", "", "file for that certificate")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }) //nolint:errcheck // the client went away
	var begun atomic.Int64
	mux.HandleFunc("/stall", func(http.ResponseWriter, *http.Request) {
		now := time.Now()
		begun.CompareAndSwap(0, now.UnixNano())
		since := now.Sub(time.Unix(0, begun.Load()))
		if since >= 4*time.Second && since < 5*time.Second {
			time.Sleep(5*time.Second - since)
		}
	})
	for name, quantile := range quantiles() {
		var asked atomic.Uint64
		var took durations
		mux.HandleFunc("/took/"+name, took.tell)
		mux.HandleFunc("/"+name, func(http.ResponseWriter, *http.Request) {
			defer took.add(time.Now())
			// The golden ratio's multiples spread evenly, so any thousand of them are as good.
			u := math.Mod(float64(asked.Add(1))*0.6180339887498949, 1)
			time.Sleep(time.Duration(quantile(u) * float64(time.Millisecond)))
		})
	}
	server := &http.Server{Handler: mux, ErrorLog: log.New(io.Discard, "", 0)}
	if *expires > 0 {
		cert, err := certificate(time.Now().Add(*expires), *authority)
		if err != nil {
			return err
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	fmt.Println(listener.Addr())
	return server.Serve(listener)
}

// durations are how long requests took.
type durations struct {
	mu  sync.Mutex
	all []float64 // milliseconds
}

func (d *durations) add(begun time.Time) {
	took := float64(time.Since(begun)) / float64(time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, took)
}

// tell answers with a quantile.
func (d *durations) tell(w http.ResponseWriter, r *http.Request) {
	q, err := strconv.ParseFloat(r.URL.Query().Get("q"), 64)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil || len(d.all) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	slices.Sort(d.all)
	fmt.Fprint(w, d.all[int(math.Ceil(q*float64(len(d.all))))-1])
}

// quantiles are latencies in milliseconds by the share of requests that are faster.
func quantiles() map[string]func(float64) float64 {
	return map[string]func(float64) float64{
		"uniform":     func(u float64) float64 { return 50 + 100*u },
		"exponential": func(u float64) float64 { return 40 - 60*math.Log(1-u) },
		"bimodal": func(u float64) float64 {
			if u < 0.8 {
				return 60 + 10*u
			}
			return 240 + 10*u
		},
	}
}

// certificate is one for 127.0.0.1 that is its own authority, which is written to path.
func certificate(until time.Time, path string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "trials"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, os.WriteFile(path, text, 0o600)
}
