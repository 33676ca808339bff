"""JSON: documents with lists inside, and one object to a line."""
