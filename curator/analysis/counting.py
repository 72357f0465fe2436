"""What the token rule of a model depends on, apart from the text."""

from dataclasses import dataclass

from curator.analysis.prices import ModelPrice

_MESSAGE_AND_NAME = {"gpt-3.5-turbo-0301": (4, -1)}
_FUNCTION = {"o200k_base": 7}
_IMAGE_BASE_AND_TILE = {"gpt-4o-mini-2024-07-18": (2833, 5667)}


@dataclass(frozen=True, slots=True)
class Counting:
    """The constants of a model's token rule, all in tokens; models with equal ones count alike.

    `per_message` and `per_name` are added for each message and each `name` in one, `per_function` for each tool
    that an example declares (OpenAI cookbook, "How to count tokens with tiktoken"). An image in low detail is
    `image_base`, and one in high detail adds `image_tile` for each tile of 512 by 512 pixels; both are estimates.
    """

    encoding: str
    per_message: int
    per_name: int
    per_function: int
    image_base: int
    image_tile: int


def counting_of(model: ModelPrice) -> Counting:
    """The token rule of a model; a fine-tuned model counts as its base model does."""
    base = model.base or model.id
    per_message, per_name = _MESSAGE_AND_NAME.get(base, (3, 1))
    image_base, image_tile = _IMAGE_BASE_AND_TILE.get(base, (85, 170))
    return Counting(
        encoding=model.encoding,
        per_message=per_message,
        per_name=per_name,
        per_function=_FUNCTION.get(model.encoding, 10),
        image_base=image_base,
        image_tile=image_tile,
    )
