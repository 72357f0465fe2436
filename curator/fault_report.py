"""What the user is told when the program itself is at fault: a sentence, and where the details are."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

import curator


def write_report(error: BaseException) -> str:
    """Write the details of a fault to a file of their own; returns the sentence for the user."""
    details = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile("w", prefix="curator-fault-", suffix=".txt", delete=False) as file:
            file.write(f"curator {curator.__version__}\n{details}")
        where = f"; the details are in {Path(file.name)}"
    except OSError:
        where = ""
    return f"stopped by a fault of its own ({type(error).__name__}); your files are as they were{where}."
