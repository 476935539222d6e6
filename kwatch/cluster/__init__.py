"""A real API server: kubeconfig, credentials, raw list and watch, discovery, logs."""
