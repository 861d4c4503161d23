"""The analysis of many files: worker processes where they pay, and a cache of what was found before."""
