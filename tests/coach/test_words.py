"""Words, forms and numbers, in sentences of several languages."""

from __future__ import annotations

import pytest

from headway.coach.deeds import deed
from headway.coach.joins import two_results
from headway.coach.numbers import quantity
from headway.coach.words import Form, forms, is_english


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("migrate", {"migrates", "migrating", "migrated"}),
        ("ship", {"ships", "shipping", "shipped"}),
        ("deploy", {"deploys", "deploying", "deployed"}),
        ("deny", {"denies", "denying", "denied"}),
        ("build", {"builds", "building", "built"}),
        ("standardise", {"standardised", "standardize", "standardizing"}),
        ("develop", {"developing", "developed"}),
    ],
)
def test_forms_of_verbs(base, expected):
    found = forms(base)
    assert expected <= set(found)
    assert found[base] is Form.base


@pytest.mark.parametrize("form", ["Launch", "Launching", "Launched"])
def test_each_form_of_a_deed_is_seen(form):
    assert deed(f"{form} the new app")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Grow to $1.5M this year", "$1.5M"),
        ("Save 300 k euros", "300 k"),
        ("Cut it by 20 percent", "20 percent"),
        ("Win one hundred clinics", "hundred"),
        ("Be ready for 2027", ""),
        ("Support around the clock, 24/7", ""),
        ("SOC 2 without tears", ""),
        ("A 5G network that B2B buyers love", ""),
        ("Umsatz um 15 % steigern", "15 %"),
        ("Die zwei Seiten des Marktes verbinden", ""),
    ],
)
def test_numbers_but_not_those_in_names(text, said):
    assert quantity(text) == said


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Customers love what we do", True),
        ("Churn", True),
        ("Kunden lieben unsere App", False),
        ("Les clients adorent notre service", False),
        ("Hacer feliz a cada cliente", False),
        ("Сделать заказ простым", False),
        ("Become the café of the quarter", True),
    ],
)
def test_is_it_english(text, english):
    """What looks like neither is taken for English: no English word in it can speak."""
    assert is_english(text) is english


def test_words_of_other_languages_are_left_alone():
    assert deed("Launch der neuen App in allen Märkten") is None
    assert two_results("Le chiffre et la marge des magasins") is None
