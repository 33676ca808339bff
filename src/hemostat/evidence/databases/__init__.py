"""Databases: files of them, and servers by their address."""
