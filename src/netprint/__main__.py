"""``python -m netprint``."""

from __future__ import annotations

import sys

from netprint.cli import main

sys.exit(main())
