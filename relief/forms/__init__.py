"""Officers' forms of relief."""
