"""One module per output format, and what a terminal may show."""
