"""Forms of honours: one module a subject."""
