"""The language server: findings, fixes, documentation and verification in an editor."""
