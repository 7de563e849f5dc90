"""The share of its objective in a key result's form: typed in percent, kept as a weight."""

from __future__ import annotations

from statistics import fmean
from typing import Any

from django import forms

from headway.goals.models import KeyResult, Objective
from headway.goals.shares import shares, weight_of


def settle(form: forms.Form, objective: Objective, key_result: KeyResult | None) -> None:
    """Fills in the share as it is; an only key result is all of its objective, and not asked."""
    others = other_weights(objective, key_result)
    if not others:
        del form.fields["share"]
        return
    own = key_result.weight if key_result else fmean(others)
    percent = round(100 * shares([own, *others])[0], 1)
    form.initial.setdefault("share", int(percent) if percent.is_integer() else percent)


def asked(form: forms.Form, objective: Objective, key_result: KeyResult | None) -> dict[str, Any]:
    """The weight that gives the share that was typed; nothing where it stays as it was."""
    others = other_weights(objective, key_result)
    share = form.cleaned_data.get("share")
    if share is not None and "share" in form.changed_data:
        return {"weight": weight_of(share / 100, others)}
    return {} if key_result else {"weight": fmean(others or [1.0])}


def other_weights(objective: Objective, key_result: KeyResult | None) -> list[float]:
    rows = objective.key_results.filter(archived_at=None)
    found = rows.exclude(pk=key_result.pk) if key_result else rows
    return list(found.values_list("weight", flat=True))
