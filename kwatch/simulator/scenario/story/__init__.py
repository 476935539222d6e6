"""What happens: beats that people, pipelines, machines and bad luck bring about, and the director who times them."""
