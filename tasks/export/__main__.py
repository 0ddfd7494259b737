"""`python -m tasks.export` runs the stage in the current folder."""

import sys

from tasks.core.stage import main
from tasks.export import STAGE

if __name__ == "__main__":
    sys.exit(main(STAGE))
