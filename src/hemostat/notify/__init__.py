"""What the law and decency ask to be said: to the authority, to the people, to the public."""
