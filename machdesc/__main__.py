"""`python -m machdesc`."""

from __future__ import annotations

import sys

from machdesc.cli.main import main

sys.exit(main())
