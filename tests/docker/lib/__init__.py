"""What the scenarios in real containers share.

It is one package with what the end-to-end scenarios share (tests/e2e/lib): `from lib import
books` finds a module here or there. No name is in both.
"""

from pathlib import Path

__path__.append(str(Path(__file__).resolve().parents[2] / "e2e" / "lib"))
