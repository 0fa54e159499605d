"""Pages of relief outside the admin."""
