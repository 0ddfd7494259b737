"""`python -m tasks.fetch`."""

import sys

from tasks.core.stage import main
from tasks.fetch import STAGE

if __name__ == "__main__":
    sys.exit(main(STAGE))
