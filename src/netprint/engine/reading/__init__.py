"""read: activity tables of any kind become one lazy view of typed, checked columns."""
