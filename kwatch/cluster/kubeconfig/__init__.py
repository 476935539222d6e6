"""kubeconfig files: read, merged and overridden by kubectl's rules; never written to."""
