"""What a user does in one go, and what the world is afterwards; how it is done is for the ways of running a program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from world import World, content_of

EXPORTED = "out.jsonl"
OTHER = "other.jsonl"

VERDICTS = {"a": "accepted", "r": "rejected", "w": "needs work"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a user does."""

    activity: ClassVar[str] = ""
    """What a kill in the middle of it is counted as."""

    def after(self, world: World) -> World:
        """The world once it is done."""
        return world


class Open(Step):
    """Start the program."""

    activity = "opening"


class Leave(Step):
    """Quit."""

    activity = "leaving"


class Terminate(Step):
    """End the program by SIGTERM, at which it writes down what is being typed."""

    activity = "draft"


@dataclass(frozen=True, slots=True)
class Edit(Step):
    """Put a text at the start of a question."""

    activity: ClassVar[str] = "editing"
    position: int
    typed: str

    def after(self, world: World) -> World:
        entry = world.seen[self.position]
        return world.changed(replace(entry, question=self.typed + entry.question))


@dataclass(frozen=True, slots=True)
class Review(Step):
    """Give a verdict by its key."""

    activity: ClassVar[str] = "editing"
    position: int
    key: str

    def after(self, world: World) -> World:
        return world.changed(replace(world.seen[self.position], verdict=VERDICTS[self.key]))


@dataclass(frozen=True, slots=True)
class Tag(Step):
    """Put a tag on one record."""

    activity: ClassVar[str] = "editing"
    position: int
    tag: str

    def after(self, world: World) -> World:
        entry = world.seen[self.position]
        return world.changed(replace(entry, tags=entry.tags | {self.tag}))


@dataclass(frozen=True, slots=True)
class Drop(Step):
    """Drop a record."""

    activity: ClassVar[str] = "editing"
    position: int

    def after(self, world: World) -> World:
        return world.changed(replace(world.seen[self.position], dropped=True))


@dataclass(frozen=True, slots=True)
class Duplicate(Step):
    """Put a copy behind a record."""

    activity: ClassVar[str] = "editing"
    position: int

    def after(self, world: World) -> World:
        new = max(one.number for state in world.history for one in state) + 1
        original = world.seen[self.position]
        copy = replace(original, number=new, tags=frozenset(), verdict="")
        at = world.now.index(original) + 1
        return world.done((*world.now[:at], copy, *world.now[at:]))


@dataclass(frozen=True, slots=True)
class MarkAll(Step):
    """Mark all records."""

    activity: ClassVar[str] = "bulk change"

    def after(self, world: World) -> World:
        return replace(world, marked=len(world.seen))


@dataclass(frozen=True, slots=True)
class TagMarked(Step):
    """Put a tag on all marked records; all are marked."""

    activity: ClassVar[str] = "bulk change"
    tag: str

    def after(self, world: World) -> World:
        return world.done(tuple(one if one.dropped else replace(one, tags=one.tags | {self.tag}) for one in world.now))


@dataclass(frozen=True, slots=True)
class ReplaceAll(Step):
    """Find and replace in all records."""

    activity: ClassVar[str] = "bulk change"
    find: str
    put: str

    def after(self, world: World) -> World:
        return world.done(
            tuple(
                one if one.dropped else replace(one, question=one.question.replace(self.find, self.put))
                for one in world.now
            )
        )


@dataclass(frozen=True, slots=True)
class Undo(Step):
    """Take the last change back."""

    activity: ClassVar[str] = "undo"
    title: str
    """The beginning of what the change is called."""

    def after(self, world: World) -> World:
        return replace(world, cursor=world.cursor - 1)


@dataclass(frozen=True, slots=True)
class Redo(Step):
    """Do a change again."""

    activity: ClassVar[str] = "undo"
    title: str

    def after(self, world: World) -> World:
        return replace(world, cursor=world.cursor + 1)


@dataclass(frozen=True, slots=True)
class Save(Step):
    """Save in place."""

    activity: ClassVar[str] = "save"

    def after(self, world: World) -> World:
        return replace(world, saved=world.seen)


@dataclass(frozen=True, slots=True)
class Type(Step):
    """Type into a question, and wait until the draft is kept."""

    activity: ClassVar[str] = "draft"
    position: int
    typed: str
    before: str = ""
    """What was typed before; nothing where this begins the edit."""

    def after(self, world: World) -> World:
        return replace(world, draft=self.before + self.typed + world.seen[self.position].question)


@dataclass(frozen=True, slots=True)
class Finish(Step):
    """Type the last of a text, and commit it at once."""

    activity: ClassVar[str] = "draft"
    position: int
    typed: str
    before: str

    def after(self, world: World) -> World:
        entry = world.seen[self.position]
        question = self.before + self.typed + entry.question
        return replace(world.changed(replace(entry, question=question)), draft="")


@dataclass(frozen=True, slots=True)
class UndoHeadless(Step):
    """`curator history --undo`."""

    activity: ClassVar[str] = "undo"

    def after(self, world: World) -> World:
        return replace(world, cursor=world.cursor - 1)


@dataclass(frozen=True, slots=True)
class RedoHeadless(Step):
    """`curator history --redo`."""

    activity: ClassVar[str] = "undo"

    def after(self, world: World) -> World:
        return replace(world, cursor=world.cursor + 1)


@dataclass(frozen=True, slots=True)
class Export(Step):
    """`curator export`, over a file that is there already after the first time."""

    activity: ClassVar[str] = "export"

    def after(self, world: World) -> World:
        return world.with_file(EXPORTED, content_of(world.seen))


@dataclass(frozen=True, slots=True)
class Apply(Step):
    """`curator apply --in-place` of all that is in force, on a copy of the file as it was at first."""

    activity: ClassVar[str] = "export"

    def after(self, world: World) -> World:
        return world.with_file(OTHER, content_of(world.seen))
