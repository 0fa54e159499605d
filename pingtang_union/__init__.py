"""Composition: settings, routes, and the pages that put the apps together."""
