"""Make the bundled sample again: `python -m sample`.

writes  data/batches/ and tests/sample_truth.json of the repository, or of FOLDER with `--into FOLDER`
"""

import argparse
import sys
from pathlib import Path

from sample.batches import make_all
from sample.errors import SampleError

REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit code: 0 when everything was written, 1 when something that the generator needs is missing."""
    parser = argparse.ArgumentParser(prog="python -m sample", description="Make the bundled sample again.")
    parser.add_argument("--into", type=Path, default=REPOSITORY, help="write below this folder instead")
    arguments = parser.parse_args()
    try:
        make_all(arguments.into)
    except SampleError as error:
        sys.stderr.write(f"python -m sample: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
