"""Bytes from an API server: one request after another over a pool, each of which can be aborted from any thread.

Begin with `transport.Transport.open`: it takes a `request`, asks for a credential, keeps a client for the TLS identity
(an authority that was rotated makes a new one), and asks again after a 401. `kubernetes_client` connects
(`happy_eyeballs`, proxies) and sends, `answer` reads the body (`body_coding`: chunks, gzip), `in_flight` is what a
close aborts. Errors: `failures` for what the network does; what the server says, Retry-After included,
is read in `transport`.
"""
