"""What the bodies of functions do."""
