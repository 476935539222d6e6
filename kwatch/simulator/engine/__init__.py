"""The simulated cluster in motion: its objects, controllers, kubelets and stories, on one agenda of due actions."""
