"""The forms of a close: of an objective, and of each key result under it."""

from __future__ import annotations

from typing import Any

from django import forms

from headway.engine.errors import DefinitionError
from headway.goals.aims import unit_of
from headway.goals.close.answers import LONGEST, KeyResultAnswers, ObjectiveAnswers
from headway.goals.models import Choice, ClosedKeyResult, ClosedObjective, Shape
from headway.goals.scoring import score
from headway.web.forms.fields import DependingChoice, DependingText, read_amount, written

SHORT = forms.TextInput(attrs={"autocomplete": "off", "size": 12})


class ScoreForm(forms.Form):
    """`score` is from 0 to 1, and may be typed as percent."""

    score = DependingText(
        label="Another score, 0 – 1",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 6}),
    )
    score_reason = DependingText(label="Why another score", max_length=LONGEST)
    use_required_attribute = False

    def clean_score(self) -> float | None:
        found = _amount(self.cleaned_data["score"], "percent", "")
        if found is not None and not 0 <= found <= 1:
            raise forms.ValidationError("Give a score from 0 to 1, or 0 % to 100 %.")
        return found

    @property
    def scored(self) -> bool:
        """Whether the override is to be shown at once."""
        return bool(self["score"].value() or self.errors.get("score_reason"))


class ObjectiveForm(ScoreForm):
    learnt = DependingText(
        label="What did you learn?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What moved it, what did not, and what you would do otherwise.",
    )
    field_order = ["learnt", "score", "score_reason"]

    def __init__(self, row: ClosedObjective, data: Any = None) -> None:
        super().__init__(data, initial=_initial(row) | {"learnt": row.learnt})
        self.row = row

    @property
    def answers(self) -> ObjectiveAnswers:
        said = self.cleaned_data
        return {
            "learnt": said["learnt"], "score": said["score"], "score_reason": said["score_reason"],
        }  # fmt: skip


class KeyResultForm(ScoreForm):
    """`suggested` is what to raise the target to, in the unit of what is measured."""

    choice = DependingChoice(label="What becomes of it?", widget=forms.RadioSelect)
    reason = DependingText(
        label="Why", required=False, max_length=LONGEST, help_text="Needed to drop it."
    )
    target = DependingText(label="New target", widget=SHORT)
    at_least = DependingText(label="Healthy at least", widget=SHORT)
    at_most = DependingText(label="Healthy at most", widget=SHORT)

    def __init__(self, row: ClosedKeyResult, suggested: float | None, data: Any = None) -> None:
        found = row.key_result
        super().__init__(data, prefix=found.key, initial=_of(row, suggested))
        self.row, self.unit = row, unit_of(found)
        self.fields["choice"].choices = list(_choices(row))  # type: ignore[attr-defined]  # a choice field

    def clean_target(self) -> float | None:
        return self._read("target")

    def clean_at_least(self) -> float | None:
        return self._read("at_least")

    def clean_at_most(self) -> float | None:
        return self._read("at_most")

    def _read(self, name: str) -> float | None:
        currency = self.row.key_result.objective.workspace.currency
        return _amount(self.cleaned_data[name], self.unit, currency)

    @property
    def score_now(self) -> float | None:
        """What it would be closed with, unless another one is set."""
        return score(self.row.key_result.progress)

    @property
    def answers(self) -> KeyResultAnswers:
        """Numbers that do not go with the choice are not kept."""
        said = self.cleaned_data
        raised, back = said["choice"] == Choice.higher, said["choice"] == Choice.hand_back
        return {
            "choice": said["choice"],
            "reason": said["reason"],
            "score": said["score"],
            "score_reason": said["score_reason"],
            "target": said["target"] if raised else None,
            "at_least": said["at_least"] if back else None,
            "at_most": said["at_most"] if back else None,
        }


CHOICES = {
    Choice.carry_over: "Carry over: go on to the same target in the next cycle",
    Choice.higher: "Raise: go on to a bolder target",
    Choice.hand_back: "Hand back: it is good now, watch it as a KPI",
    Choice.drop: "Drop: it is no longer worth the effort",
}


def _choices(row: ClosedKeyResult) -> list[tuple[str, str]]:
    """What cannot be chosen is not offered."""
    found = row.key_result
    impossible = set()
    if found.shape == Shape.milestones:
        impossible.add(Choice.higher)
    if found.metric is None:
        impossible.add(Choice.hand_back)
    return [(c.value, words) for c, words in CHOICES.items() if c not in impossible]


def _of(row: ClosedKeyResult, suggested: float | None) -> dict[str, Any]:
    found = row.key_result
    unit = unit_of(found)
    target = suggested if row.target is None else row.target
    return _initial(row) | {
        "choice": row.choice,
        "reason": row.reason,
        "target": written(target, unit),
        **_healthy(row, unit),
    }


def _healthy(row: ClosedKeyResult, unit: str) -> dict[str, str]:
    """As answered before; else the bounds it kept, or the value that was reached."""
    if row.at_least is not None or row.at_most is not None:
        return {"at_least": written(row.at_least, unit), "at_most": written(row.at_most, unit)}
    found, metric = row.key_result, row.key_result.metric
    if found.shape == Shape.keep:
        return {"at_least": written(found.at_least, unit), "at_most": written(found.at_most, unit)}
    if metric is None or metric.direction == "none" or found.value is None:
        return {}
    name = "at_least" if metric.direction == "up" else "at_most"
    return {name: written(float(f"{found.value:.3g}"), unit)}


def _initial(row: ClosedObjective | ClosedKeyResult) -> dict[str, Any]:
    score = "" if row.score_given is None else f"{row.score_given:g}"
    return {"score": score, "score_reason": row.score_reason}


def _amount(text: str, unit: str, currency: str) -> float | None:
    if not text:
        return None
    try:
        return read_amount(text, unit, currency)
    except DefinitionError as error:
        raise forms.ValidationError(f"{error.message} {error.fix}") from error
