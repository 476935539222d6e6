"""Arguments -> what to run; the only place that knows every part, and wires them."""
