"""SQL dumps: each table a dump fills, tuple by tuple."""
