"""`python -m tasks.label`."""

import sys

from tasks.core.stage import main
from tasks.label import STAGE

if __name__ == "__main__":
    sys.exit(main(STAGE))
