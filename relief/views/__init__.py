"""Officers' pages of relief: one module a subject."""
