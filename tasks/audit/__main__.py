"""Audit what is built in the current folder: `python -m tasks.audit`; 1 where a row is missing."""

import sys
from pathlib import Path

from tasks.audit import audit
from tasks.core.declaration import DATA_FOLDER
from tasks.core.errors import ModalweaveError


def main() -> int:
    """Print every account and how many do not add up."""
    accounts = lost = 0
    try:
        for account in audit(Path.cwd() / DATA_FOLDER):
            print(account.line(), flush=True)
            accounts, lost = accounts + 1, lost + bool(account.faults)
    except ModalweaveError as error:
        sys.stderr.write(f"audit: {error}\n")
        return 1
    print(f"audit: {accounts} accounts, {f'{lost} do not' if lost else 'all'} add up")
    return 1 if lost else 0


sys.exit(main())
