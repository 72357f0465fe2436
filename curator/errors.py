"""What can go wrong, as sentences for the user; how they are shown is up to the faces."""


class CuratorError(Exception):
    """A fault that the user can act on; its text says what, where and what to do next."""


class UsageError(CuratorError):
    """The user asked for something that does not exist or does not fit."""


class UnreadableError(CuratorError):
    """A file, schema or settings file could not be read."""


class UnwritableError(CuratorError):
    """A file could not be written; what was there is as it was."""
