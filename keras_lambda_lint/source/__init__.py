"""Text to what the code says: bytes and newlines, gate, suppression, scopes, concrete syntax."""
