"""The Python SDK of the AT Protocol as a competitor; run by the judges' Python, which has it.

python atproto_sdk.py TEXTS      TEXTS is a JSON list; each line read is answered by one run
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from atproto import client_utils

texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))
for _ in sys.stdin:
    began = time.perf_counter()
    found = sum(len(client_utils.detect_facets(text)) for text in texts)
    print(json.dumps({"seconds": time.perf_counter() - began, "sum": found}), flush=True)
