"""The command line that does what was just done."""

from __future__ import annotations

from curator.tui.desk.copying import Copying


class AsCommand(Copying):
    """In the palette: what was done last to the file under the cursor, as a command line."""

    def action_as_command(self) -> None:
        """Copy the command line, and show it; of what has none, say how it is taken elsewhere."""
        from curator.session.as_steps import command_line, steps_of

        self.follow()
        edited = self.source.edited
        last = next((one for one in reversed(edited.batches) if one.number <= edited.cursor), None)
        if last is None:
            self.say("Nothing has been done to this file yet.")
            return
        lines = [command_line(step, edited.path) for step in steps_of(last)]
        if lines:
            self._copy(f"`{'; '.join(lines)}`", "\n".join(lines))
        else:
            self.say(f"No command does this: {last.title}. `curator diff FILE --patch` writes it for `curator apply`.")
