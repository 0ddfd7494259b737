"""`python -m tasks.collect`."""

import sys

from tasks.collect import STAGE
from tasks.core.stage import main

if __name__ == "__main__":
    sys.exit(main(STAGE))
