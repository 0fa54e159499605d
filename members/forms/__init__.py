"""Forms of officers' pages, one module a record. Imported by members.views only."""
