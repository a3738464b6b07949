// Package kubernetes holds the manifests in this directory to the types of Kubernetes' API
// and to the command line that they call.
package kubernetes

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestManifests reads each manifest strictly: fields that the API doesn't have, twice or of
// another type, are errors; what the API demands must be there.
func TestManifests(t *testing.T) {
	paths, err := filepath.Glob("*.yaml")
	require.NoError(t, err)
	require.Len(t, paths, 4)
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			var kind struct{ Kind string }
			require.NoError(t, yaml.Unmarshal(text, &kind))
			switch kind.Kind {
			case "Deployment":
				var d appsv1.Deployment
				require.NoError(t, yaml.UnmarshalStrict(text, &d))
				require.Equal(t, "apps/v1", d.APIVersion)
				require.Equal(t, d.Spec.Selector.MatchLabels, d.Spec.Template.Labels)
				require.Equal(t, corev1.RestartPolicy(""), d.Spec.Template.Spec.RestartPolicy, "a deployment's pods always restart")
				requirePod(t, &d.Spec.Template.Spec)
			case "Job":
				var j batchv1.Job
				require.NoError(t, yaml.UnmarshalStrict(text, &j))
				require.Equal(t, "batch/v1", j.APIVersion)
				require.Equal(t, corev1.RestartPolicyNever, j.Spec.Template.Spec.RestartPolicy)
				if j.Spec.CompletionMode != nil {
					require.Equal(t, batchv1.IndexedCompletion, *j.Spec.CompletionMode)
					require.Equal(t, *j.Spec.Completions, *j.Spec.Parallelism, "agents that wait for others never end")
				}
				requirePod(t, &j.Spec.Template.Spec)
			default: // values of a chart, which has no schema here
				require.Equal(t, "nats-values.yaml", path)
				require.NoError(t, yaml.UnmarshalStrict(text, &map[string]any{}))
			}
		})
	}
}

// requirePod checks what the types alone don't say.
func requirePod(t *testing.T, pod *corev1.PodSpec) {
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		require.NotNil(t, v.Secret)
		volumes[v.Name] = true
	}
	require.True(t, *pod.SecurityContext.RunAsNonRoot)
	require.Len(t, pod.Containers, 1)
	for _, c := range pod.Containers {
		require.NotEmpty(t, c.Image)
		require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
		require.False(t, *c.SecurityContext.AllowPrivilegeEscalation)
		for name, q := range c.Resources.Requests {
			require.Positive(t, q.Sign(), name)
		}
		for _, m := range c.VolumeMounts {
			require.True(t, volumes[m.Name], m.Name)
		}
		for _, e := range c.Env {
			require.NotNil(t, e.ValueFrom.FieldRef, e.Name)
		}
	}
}

// TestThePageShowsTheManifests: docs/distributed.md shows the agents as they are here.
func TestThePageShowsTheManifests(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "distributed.md"))
	require.NoError(t, err)
	for _, path := range []string{"agents.yaml", "agents-job.yaml", "coordinator.yaml", "nats-values.yaml"} {
		require.True(t, bytes.Contains(page, []byte("../loadtester/kubernetes/"+path)), path)
	}
	require.True(t, strings.Contains(string(page), "this was not run on a cluster"))
}
