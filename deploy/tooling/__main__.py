"""What `deploy/dev` starts; only Python's standard library is needed for that."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from tooling.commands import main  # noqa: E402  (the path above has to be set first)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
