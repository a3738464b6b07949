package main

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/senior-backend/toolkit/scaffolder/internal/api"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/example"
	"github.com/senior-backend/toolkit/scaffolder/internal/emit/plan"
)

// server is a running server, and what it takes for proof.
type server struct {
	address string
	command *exec.Cmd
	key     *rsa.PrivateKey
	schemes map[string]*plan.Scheme
	drained chan struct{}
}

const (
	secret   = "drive-secret"
	issuer   = "https://issuer.example"
	audience = "drive"
)

// start runs a built project.
func start(folder string, p *plan.Plan) (*server, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find port: %w", err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	s := &server{address: "http://127.0.0.1:" + port, key: key, schemes: map[string]*plan.Scheme{}, drained: make(chan struct{})}
	settings := []string{"PORT=" + port, "HOST=127.0.0.1", "RATE_LIMIT=100000000", "LOGIN_RATE_LIMIT=100000000", "BODY_LIMIT_BYTES=10000000", "BASE_PATH=/"}
	text := strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), "\n", `\n`)
	for _, scheme := range p.Schemes {
		s.schemes[scheme.Name] = scheme
		settings = append(settings,
			scheme.Env+"_ISSUER="+issuer, scheme.Env+"_AUDIENCE="+audience, scheme.Env+"_PUBLIC_KEY="+text,
			scheme.Env+"_SHA256="+hash(secret)+","+hash("me:"+secret))
	}
	s.command = exec.Command("node", "dist/server.js")
	s.command.Dir = folder
	s.command.Env = append(os.Environ(), settings...)
	var said bytes.Buffer
	s.command.Stderr = &said
	output, err := s.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("open output: %w", err)
	}
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	up := make(chan bool, 1)
	go func() {
		defer close(s.drained)
		lines := bufio.NewScanner(output)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"listening"`) {
				up <- true
			}
		}
		close(up)
	}()
	select {
	case listening := <-up:
		if !listening {
			_ = s.command.Wait()
			return nil, fmt.Errorf("node ended: %.600s", said.String())
		}
	case <-time.After(2 * time.Minute):
		s.stop()
		return nil, fmt.Errorf("it does not listen: %.600s", said.String())
	}
	return s, nil
}

func (s *server) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	<-s.drained
	_ = s.command.Wait()
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// token is a signed token with scopes.
func (s *server) token(scopes []string) string {
	part := func(value any) string {
		content, _ := json.Marshal(value)
		return base64.RawURLEncoding.EncodeToString(content)
	}
	signed := part(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + part(map[string]any{
		"iss": issuer, "aud": audience, "sub": "me", "exp": time.Now().Add(time.Hour).Unix(), "scope": scopes,
	})
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		return ""
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// proof is what a requirement is proved with.
type proof struct {
	headers []example.Header
	query   []string
	scoped  bool // it needs scopes
}

// proofOf proves a requirement, with its scopes or with none; false where the
// server cannot check it.
func (s *server) proofOf(requirement api.Requirement, withScopes bool) (proof, bool) {
	var p proof
	authorizations := 0
	for _, use := range requirement {
		scheme := s.schemes[use.Scheme]
		if scheme == nil {
			return p, false
		}
		kind := scheme.SecurityScheme.Scheme
		switch {
		case scheme.Kind == api.SecurityAPIKey:
			switch scheme.In {
			case api.InHeader:
				p.headers = append(p.headers, example.Header{Name: scheme.Parameter, Value: secret})
			case api.InQuery:
				p.query = append(p.query, strings.ReplaceAll(scheme.Parameter, " ", "%20")+"="+secret)
			default:
				p.headers = append(p.headers, example.Header{Name: "Cookie", Value: scheme.Parameter + "=" + secret})
			}
			// Keys have no scopes: where some are asked for, they are lacking.
			if len(use.Scopes) > 0 {
				return p, false
			}
		case scheme.Kind == api.SecurityHTTP && kind == "basic":
			authorizations++
			p.headers = append(p.headers, example.Header{Name: "Authorization", Value: "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+secret))})
			if len(use.Scopes) > 0 {
				return p, false
			}
		case scheme.Kind == api.SecurityHTTP && kind != "bearer", scheme.Kind == api.SecurityMutualTLS:
			return p, false
		default:
			authorizations++
			scopes := use.Scopes
			if !withScopes {
				scopes = nil
			}
			p.scoped = p.scoped || len(use.Scopes) > 0
			p.headers = append(p.headers, example.Header{Name: "Authorization", Value: "Bearer " + s.token(scopes)})
		}
	}
	return p, authorizations < 2
}

func (p proof) applied(r example.Request) example.Request {
	headers := append([]example.Header(nil), r.Headers...)
	for _, header := range p.headers {
		joined := false
		for i := range headers {
			if strings.EqualFold(headers[i].Name, header.Name) {
				joined = true
				if header.Name == "Cookie" {
					headers[i].Value += "; " + header.Value
				} else {
					headers[i].Value = header.Value
				}
			}
		}
		if !joined {
			headers = append(headers, header)
		}
	}
	r.Headers = headers
	for _, pair := range p.query {
		path, query, _ := strings.Cut(r.Target, "?")
		name, _, _ := strings.Cut(pair, "=")
		kept := slices.DeleteFunc(strings.Split(query, "&"), func(own string) bool { return own == "" || strings.HasPrefix(own, name+"=") })
		r.Target = path
		if len(kept) > 0 {
			r.Target += "?" + strings.Join(kept, "&")
		}
		separator := "?"
		if strings.Contains(r.Target, "?") {
			separator = "&"
		}
		r.Target += separator + pair
	}
	return r
}
