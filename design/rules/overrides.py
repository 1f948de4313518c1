"""Overrides of one scheme: a rule's number replaced, or a finding's verdict set aside, each with its reason shown everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from design.asked.fields import near
from design.errors import RequestError
from design.route.terms import route_terms
from design.rules.ruleset import Finding, RuleSet, SetAside
from gis.errors import Param
from gis.messages import Text

if TYPE_CHECKING:
    from design.asked.wishes import Override
    from design.wire.demand import OverrideDoc


@dataclass(frozen=True)
class Applied:
    """One override as it took effect: `limit` is the number of the rule before it, None for a verdict."""

    override: Override
    limit: float | None

    def doc(self) -> OverrideDoc:
        """As the scheme document carries it."""
        given = self.override
        return {
            "rule": given.rule, "value": given.value, "verdict": given.verdict,
            "was": None if self.limit is None else f"{self.limit:g}", "reason": given.reason, "by": given.by,
        }  # fmt: skip


def with_overrides(rules: RuleSet, overrides: Sequence[Override]) -> tuple[RuleSet, tuple[Applied, ...]]:
    """
    The rules with the numbers of a scheme's overrides, and what was changed.

    Raises
    ------
    RequestError
        `override-unknown`: no such rule; `override-table`: a table cannot be one number; `override-routing`: routes
        of a whole city follow it.
    """
    applied: list[Applied] = []
    values = dict(rules.values)
    for place, override in enumerate(overrides):
        rule_id = override.rule.partition("/")[0]
        _refuse_unknown(rule_id, rules, f"overrides[{place}].rule")
        if override.value is None:
            applied.append(Applied(override, None))
            continue
        if rule_id not in values:
            raise RequestError("override-table", field=f"overrides[{place}].rule", rule=rule_id)
        old = values[rule_id]
        source = Text(
            "design",
            "override.source",
            {"reason": override.reason, "by": override.by or "—", "was": old.value},
        )
        values[rule_id] = replace(
            old, value=override.value, source=f"{source.render('zh')}；{old.source}", confidence="override"
        )  # fmt: skip
        applied.append(Applied(override, old.value))
    changed = replace(rules, values=values) if applied else rules
    _refuse_routing(rules, changed)
    return changed, tuple(applied)


def _refuse_routing(before: RuleSet, after: RuleSet) -> None:
    """Streets are laid out once for a city: what routes are chosen by cannot change for one scheme."""
    if route_terms(before) != route_terms(after):
        raise RequestError("override-routing", field="overrides")


def judged(findings: Iterable[Finding], applied: Sequence[Applied]) -> tuple[Finding, ...]:
    """Findings with the verdicts that were set aside: the sentence keeps what was found and says why it no longer counts."""
    return tuple(_judged(found, applied) for found in findings)


def _judged(found: Finding, applied: Sequence[Applied]) -> Finding:
    names = {found.rule, f"{found.rule}/{found.kind}"}
    for entry in applied:
        override = entry.override
        if override.rule in names and override.verdict != found.verdict:
            was = found.verdict if entry.limit is None else f"{entry.limit:g}"
            key = "override.verdict" if entry.limit is None else "override.value"
            told: dict[str, Param | Text] = {
                "was": was,
                "reason": override.reason,
                "by": override.by or "—",
                "text": found.text,
            }
            aside = SetAside(
                override.rule, override.value, override.verdict, was, override.reason, override.by
            )
            found = replace(
                found,
                verdict=override.verdict or found.verdict,
                text=Text("design", key, told),
                set_aside=aside,
            )
    return found


def _refuse_unknown(rule_id: str, rules: RuleSet, field: str) -> None:
    known = [*rules.values, *rules.tables]
    if rule_id not in known:
        raise RequestError("override-unknown", field=field, rule=rule_id, near=near(rule_id, known))
