"""Which checks have to look at a record, by what is known of it and by the signs in its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from curator.analysis.lint.rule import Check, Rule
from curator.analysis.lint.rule_set import RuleSet
from curator.analysis.lint.rules import RULES
from curator.analysis.lint.signs import Sign, finder
from curator.analysis.lint.view import RecordView

Asked = list[tuple[Rule, Check]]


class RulesAsked:
    """The rules that can be broken by a record.

    By one that its schema accepts (`shaped`), has `extra` top-level keys, is nothing but plain roles and texts
    (`plain`), or whose messages are each by whose turn it is (`in_order`).
    """

    def __init__(
        self, rules: RuleSet, *, explain: bool, shaped: bool, extra: bool, plain: bool, in_order: bool
    ) -> None:
        on = [rule for rule in RULES if rules.asked(rule.number)]
        asked = [
            rule
            for rule in on
            if rule.check
            and not (rule.on_extra_keys and not (extra and explain))
            and not (shaped and rule.in_schema)
            and not (plain and rule.beyond_text)
            and not (in_order and rule.by_order)
        ]
        self._asked = [(rule, rule.check) for rule in asked if rule.check]
        signed = [(rule.bit, rule.sign) for rule in asked if rule.sign]
        self._signed = sum(bit for bit, _ in signed)
        self._known: dict[int, Asked] = {}
        self._in_ascii = _finders((bit, sign) for bit, sign in signed if not sign.beyond_ascii)
        self._in_any = _finders(signed)
        self.first_will_do = shaped and not explain
        """Whether nobody asks for more than one complaint of a rule."""
        self.sure_bits = sum(rule.bit for rule in on if rule.on_extra_keys and extra)
        """The bits of those that it breaks for sure, which are asked only for the sake of their words."""

    def checks_of(self, view: RecordView) -> Asked:
        """Those that have to look at the record: of the rules with a sign only those whose sign stands in it."""
        found = 0
        if self._signed:
            spoken = view.spoken
            standing = []
            try:
                for finds, bits, pattern in self._in_ascii if spoken.isascii() else self._in_any:
                    if finds(spoken):
                        found |= bits
                        standing.append(pattern)
                view.signs = standing
            except UnicodeEncodeError:
                found = self._signed
        checks = self._known.get(found)
        if checks is None:
            checks = self._known[found] = [one for one in self._asked if not one[0].sign or one[0].bit & found]
        return checks


def _finders(signed: Iterable[tuple[int, Sign]]) -> list[tuple[Callable[[str], bool], int, str]]:
    """What finds each pattern, with the bits of all rules of whose sign it is one: each is looked for once."""
    bits: dict[str, int] = {}
    for bit, sign in signed:
        for pattern in sign.patterns:
            bits[pattern] = bits.get(pattern, 0) | bit
    return [(finder(pattern), of, pattern) for pattern, of in bits.items()]
