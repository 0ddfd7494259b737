"""`python -m tasks.evaluate` runs the stage in the current folder."""

import sys

from tasks.core.stage import main
from tasks.evaluate import STAGE

if __name__ == "__main__":
    sys.exit(main(STAGE))
