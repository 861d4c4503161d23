"""`Lambda` layers become Layer subclasses."""
