"""The numbers that rules go by, each of which the user can replace by its name in `[lint]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is still right; the names are the keys in `[lint]`."""

    fewest_examples: int = 10
    """Records that the service takes at least (rule 8; OpenAI's fine-tuning guide)."""
    advised_examples: int = 50
    """Records from which improvements are to be expected (rule 8; OpenAI's best practices)."""
    lasting_examples: int = 1000
    """Records that practitioners advise for a lasting change of manner (rule 40)."""
    common_prompt_percent: int = 90
    """Share of the records with one system prompt from which other prompts stand out (rule 20)."""
    refusals_percent: int = 5
    """Share of refusals that a file may have (rule 23)."""
    recited_answers: int = 32
    """Times that a model may see the same answer, epochs x duplicates, before it recites it (rule 39)."""
    most_images: int = 10
    """Images of an example (rule 29; OpenAI's fine-tuning guide)."""
    most_image_megabytes: int = 10
    """Size of an image (rule 29; OpenAI's fine-tuning guide)."""


BUILT_IN = Thresholds()
