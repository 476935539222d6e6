"""What keeps the cluster as its objects say it shall be: Kubernetes' own controllers in miniature."""
