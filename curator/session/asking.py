"""What a set of records was asked for by, so that a recipe can ask for it again: a filter, or all records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from curator.analysis.lint.rules import OVER_CONTEXT
from curator.analysis.predicates import Kind, Predicate, leaves, told_by_content, told_by_model
from curator.analysis.predicates.parsing import spelt_out
from curator.edits.asked import Asked, Option
from curator.edits.operations import Drop, Labelling
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.filtering import asks_figures
from curator.session.ignoring import excused_records
from curator.session.viewing import records_of
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from curator.records.transforms import Way

NONE: Mapping[str, Option] = {}


def asked_for(
    session: Session,
    selection: Selection,
    *,
    do: str = "",
    options: Mapping[str, Option] = NONE,
    among: Selection | None = None,
) -> Asked | None:
    """What the selection was asked for by: the filter in force, or all records; None where it is some of these.

    Where a step is about some records alone, such as those with a finding, `among` has all of these; the selection is
    then compared with those of them that are listed.
    """
    selection = {source: some for source, some in selection.items() if some}
    title = session.listing.view.title
    if among is not None and selection == among:
        return asked_of_all(session, do=do, options=options)
    if among is None and sum(map(len, selection.values())) != len(session):
        return None
    if selection != _within(records_of(session), among):
        return None
    if not title:
        return asked_of_all(session, do=do, options=options)
    asked = asked_where(session, title, session.listing.view.predicate, do=do, options=options)
    return None if asked is None else replace(asked, as_listed=_listed_before(session, selection))


def asked_where(
    session: Session, expression: str, predicate: Predicate, *, do: str = "", options: Mapping[str, Option] = NONE
) -> Asked | None:
    """That a step was about the records that a filter is true of; None where a file alone does not tell which."""
    if not told_by_content(predicate):
        return None
    asked = asked_of_all(session, do=do, options=options, counts=told_by_model(predicate))
    return replace(asked, where=spelt_out(expression.strip(), session.settings.named_filters))


def asked_to_split(session: Session, selection: Selection, way: Way) -> Asked | None:
    """What a split was asked for by: that of all records that are too long fits what leaves the others as they are."""
    asked = asked_for(session, selection, do="split", options=splitting(way))
    if asked is not None or way.by != "fit" or way.budget != session.limit:
        return asked
    every = {source: session.by_rule.of(source, OVER_CONTEXT.number) for source in session.sources}
    excused = any(excused_records(source.edited.overlay.labels) for source in session.sources)
    over = {source: some for source, some in every.items() if some}
    if excused or not session.complete:
        return None
    return asked_for(session, _within(selection, over), do="split", options=splitting(way), among=over)


def asked_of_all(
    session: Session, *, do: str = "", options: Mapping[str, Option] = NONE, counts: bool = False
) -> Asked:
    """That a step was about all records; `counts` says whether it depends on the model."""
    model = session.model.id if counts or "budget" in options else ""
    return Asked("", do, options, model, session.settings.dialect)


def splitting(way: Way) -> Mapping[str, Option]:
    """The options of the step that splits in a way."""
    own: dict[str, dict[str, Option]] = {
        "window": {"turns": way.turns},
        "fit": {"budget": way.budget, **({"overlap": way.overlap} if way.overlap else {})},
        "pair": {} if way.with_system else {"no-system": True},
    }
    return {"by": way.by, **own.get(way.by, {})}


def _within(records: Selection, among: Selection | None) -> Selection:
    if among is None:
        return records
    found = {source: some & among[source] for source, some in records.items() if source in among}
    return {source: some for source, some in found.items() if some}


def _listed_before(session: Session, selection: Selection) -> bool:
    """Whether the filter could find others now: records changed since, or were not all known."""
    view = session.listing.view
    if asks_figures(view.predicate) and not (session.complete and session.file_findings.known):
        return True
    return any(_changed_since(source, view.cursors.get(source.number, 0), view.predicate) for source in selection)


def _changed_since(source: WorkingSource, cursor: int, predicate: Predicate) -> bool:
    """Whether a text changed after a state of the journal; what is dropped since is not listed any more either."""
    edited = source.edited
    of_whole_files = any(isinstance(leaf, Kind) and leaf.kind in ("code", "severity") for leaf in leaves(predicate))
    harmless = (Labelling,) if of_whole_files else (Labelling, Drop)
    return edited.cursor < cursor or any(
        not isinstance(one, harmless)
        for batch in edited.batches
        if cursor < batch.number <= edited.cursor
        for one in batch.operations
    )
