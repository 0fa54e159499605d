"""Pages of honours outside the admin: one module a subject."""
