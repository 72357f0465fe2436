"""Makes the pictures of the documentation from the real screen: `python docs/make_pictures.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from curator.engine.executors import prepare_workers, stop_workers
from curator.session import Session
from curator.settings import Settings
from curator.tui.app import CuratorApp

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"

SHOTS: tuple[tuple[str, str, tuple[int, int], tuple[str, ...]], ...] = (
    ("main", "tools.jsonl", (120, 34), ("j", "j")),
    ("narrow", "examiner.jsonl", (80, 24), ("j",)),
    ("over_long", "over_long.jsonl", (120, 30), ("right_square_bracket",)),
    ("broken", "broken.jsonl", (120, 30), ("right_square_bracket",) * 4),
    ("models", "over_long.jsonl", (120, 30), ("L",)),
)


async def take(name: str, sample: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """One picture: open a sample, wait for the audit, press the keys."""
    session = Session([ROOT / "samples" / sample], Settings())
    app = CuratorApp(session)
    async with app.run_test(size=size) as pilot:
        while not session.complete:
            await pilot.pause(0.1)
        await pilot.press(*keys)
        await pilot.pause(1.0)
        app.save_screenshot(f"{name}.svg", str(PICTURES))
        app.background.stop()
    session.close()


def main() -> None:
    """Take them all."""
    prepare_workers()
    PICTURES.mkdir(exist_ok=True)
    for shot in SHOTS:
        asyncio.run(take(*shot))
    stop_workers()


if __name__ == "__main__":
    main()
