"""An app as the next one will be, small: found everywhere though nothing shared names it (tests/test_tiny_app.py)."""
