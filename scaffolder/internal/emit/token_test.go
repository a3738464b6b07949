package emit_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// token signs claims as RS256, whatever the header says.
func token(t *testing.T, key *rsa.PrivateKey, algorithm string, claims map[string]any) string {
	t.Helper()
	return signed(t, algorithm, claims, func(text []byte) []byte {
		sum := sha256.Sum256(text)
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		require.NoError(t, err)
		return signature
	})
}

// signed is a token with claims that sign signs.
func signed(t *testing.T, algorithm string, claims map[string]any, sign func([]byte) []byte) string {
	t.Helper()
	part := func(value any) string {
		content, err := json.Marshal(value)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(content)
	}
	text := part(map[string]string{"alg": algorithm, "typ": "JWT"}) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(text)))
}

// pemOf is a public key as settings hold it.
func pemOf(t *testing.T, public any) string {
	t.Helper()
	content, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: content}))
	return strings.ReplaceAll(text, "\n", `\n`)
}

// TestAlgorithms sees that the algorithm that the settings name is the one that is taken,
// that one that means nothing refuses every token, and that old tokens are refused.
func TestAlgorithms(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	claims := map[string]any{
		"iss": "https://issuer.example", "aud": "library", "sub": "me", "scope": "read",
		"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Add(-10 * time.Minute).Unix(),
	}
	padded := signed(t, "PS256", claims, func(text []byte) []byte {
		sum := sha256.Sum256(text)
		signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		require.NoError(t, err)
		return signature
	})
	edwards := signed(t, "EdDSA", claims, func(text []byte) []byte { return ed25519.Sign(private, text) })
	plain := token(t, key, "RS256", claims)
	// Whoever has the public key signs with it, as if it were a secret.
	secret := []byte(strings.ReplaceAll(pemOf(t, &key.PublicKey), `\n`, "\n"))
	forged := signed(t, "HS256", claims, func(text []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write(text)
		return mac.Sum(nil)
	})
	folder := compiled(t, readServe(t), "express")
	for name, test := range map[string]struct {
		algorithm, age, key string
		accepted, refused   []string
	}{
		"PS256":                  {"PS256", "", pemOf(t, &key.PublicKey), []string{padded}, []string{plain, forged}},
		"EdDSA":                  {"EdDSA", "3600", pemOf(t, public), []string{edwards}, []string{plain}},
		"HS256":                  {"HS256", "", pemOf(t, &key.PublicKey), nil, []string{forged, plain}},
		"a word":                 {"rs256", "", pemOf(t, &key.PublicKey), nil, []string{plain}},
		"an age":                 {"", "300", pemOf(t, &key.PublicKey), nil, []string{plain}},
		"an age that is no time": {"", "soon", pemOf(t, &key.PublicKey), nil, []string{plain}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := boot(t, folder, "TOKEN_ISSUER=https://issuer.example", "TOKEN_AUDIENCE=library",
				"TOKEN_PUBLIC_KEY="+test.key, "TOKEN_ALGORITHM="+test.algorithm, "TOKEN_MAX_AGE_SECONDS="+test.age)
			for status, tokens := range map[int][]string{501: test.accepted, 401: test.refused} {
				for _, one := range tokens {
					call{name: name, path: "/guarded", headers: []string{"Authorization", "Bearer " + one}, status: status}.do(t, address)
				}
			}
		})
	}
}

func TestTokens(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	text := pemOf(t, &key.PublicKey)
	good := map[string]any{
		"iss": "https://issuer.example", "aud": "library", "sub": "me",
		"exp": time.Now().Add(time.Hour).Unix(), "scope": "write read",
	}
	with := func(name string, value any) map[string]any {
		claims := maps.Clone(good)
		if value == nil {
			delete(claims, name)
		} else {
			claims[name] = value
		}
		return claims
	}
	tests := []struct {
		name, token string
		status      int
	}{
		{"valid", token(t, key, "RS256", good), 501},
		{"without the scope", token(t, key, "RS256", with("scope", "write")), 403},
		{"scopes as a list", token(t, key, "RS256", with("scope", []string{"read"})), 501},
		{"expired", token(t, key, "RS256", with("exp", time.Now().Add(-time.Hour).Unix())), 401},
		{"without an end", token(t, key, "RS256", with("exp", nil)), 401},
		{"from another issuer", token(t, key, "RS256", with("iss", "https://other.example")), 401},
		{"for another audience", token(t, key, "RS256", with("aud", "other")), 401},
		{"signed by another key", token(t, other, "RS256", good), 401},
		{"with another algorithm", token(t, key, "RS512", good), 401},
		{"with no algorithm", token(t, key, "none", good), 401},
		{"no token", "x", 401},
	}
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			address := boot(t, compiled(t, readServe(t), framework),
				"TOKEN_ISSUER=https://issuer.example", "TOKEN_AUDIENCE=library", "TOKEN_PUBLIC_KEY="+text)
			for _, test := range tests {
				header := call{
					name: test.name, path: "/guarded", headers: []string{"Authorization", "Bearer " + test.token}, status: test.status,
				}.do(t, address)
				if test.status == 401 {
					require.Contains(t, header.Get("WWW-Authenticate"), "Bearer")
				}
			}
		})
	}
}
