"""Archives and packed files: what holds other files."""
