"""Pages of relief outside the admin: one module a subject."""
