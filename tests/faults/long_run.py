"""Kills the program many times over, and tells where: `python tests/faults/long_run.py --kills 500`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from campaign import campaign, faults, report
from shim import why_not


def main() -> int:
    """Make the kills, write the report, and end with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill the program at its Nth write, sync, rename or commit.")
    parser.add_argument("--kills", type=int, default=500, metavar="N", help="how many; 500 if not given")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report to a file, too")
    given = parser.parse_args()
    if reason := why_not():
        sys.stderr.write(f"{reason}\n")
        return 2
    with TemporaryDirectory() as folder:
        outcomes = campaign(given.kills, Path(folder), typed=1 / 3)
    wrong = faults(outcomes)
    told = "\n".join([report(outcomes), *wrong, ""])
    sys.stdout.write(told)
    if given.report:
        given.report.write_text(told)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
