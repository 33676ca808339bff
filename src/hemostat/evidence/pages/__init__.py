"""What people read: documents, pages, pictures. Text first; lists within them as tables."""
