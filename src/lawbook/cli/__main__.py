"""``python -m lawbook.cli`` is ``lawbook``."""

from lawbook.cli import main

main()
