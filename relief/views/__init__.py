"""Officers' pages of relief."""
