"""Rewrites: from a site to text edits, and from edits to files."""
