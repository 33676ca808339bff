"""Mail: messages, and the files put into them."""
