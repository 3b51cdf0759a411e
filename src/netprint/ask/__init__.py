"""Questions to the catalogue: search, alternatives, history, coverage, the map, and what a publication owes."""
