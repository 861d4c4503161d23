"""Verdicts as text, JSON, Markdown, and a page."""
