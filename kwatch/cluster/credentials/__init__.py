"""Who we are: tokens, certificates, passwords, and the plugins that print them."""
