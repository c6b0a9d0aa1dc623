"""The seed of this run: `KARNAY_SEED`, or drawn; whatever fails by chance tells it."""

import os
import secrets

SEED = int(os.environ.get("KARNAY_SEED") or secrets.randbelow(10**9))
