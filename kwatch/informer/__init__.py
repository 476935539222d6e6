"""client-go's informer machinery in Python: list, watch, queue, cache, handlers. Knows no HTTP and no screen."""
