"""Officers' pages, one module a record. Imported by members.urls only."""
