"""`python -m tasks.report`."""

import sys

from tasks.core.stage import main
from tasks.report import STAGE

sys.exit(main(STAGE))
