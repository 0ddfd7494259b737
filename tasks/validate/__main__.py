"""Run the stage: `python -m tasks.validate`."""

import sys

from tasks.core.stage import main
from tasks.validate import STAGE

sys.exit(main(STAGE))
