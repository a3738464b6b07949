package emit_test

import (
	"crypto"
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
	part := func(value any) string {
		content, err := json.Marshal(value)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(content)
	}
	signed := part(map[string]string{"alg": algorithm, "typ": "JWT"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestTokens(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
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
			address := boot(t, compiled(t, read(t, "testdata/serve.yaml"), framework),
				"TOKEN_ISSUER=https://issuer.example", "TOKEN_AUDIENCE=library", "TOKEN_PUBLIC_KEY="+strings.ReplaceAll(text, "\n", `\n`))
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
