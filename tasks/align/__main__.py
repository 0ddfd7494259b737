"""`python -m tasks.align`."""

import sys

from tasks.align import STAGE
from tasks.core.stage import main

sys.exit(main(STAGE))
