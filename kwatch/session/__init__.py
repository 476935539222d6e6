"""One open context: informers shared and released, the journal, the dirty sets."""
