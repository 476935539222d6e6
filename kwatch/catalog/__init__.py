"""What a kind looks like: columns by the server's own rules, names, indices, printer columns of CRDs."""
