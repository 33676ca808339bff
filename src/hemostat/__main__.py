"""``python -m hemostat``."""

from hemostat.cli import main

if __name__ == "__main__":
    main()
