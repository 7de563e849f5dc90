"""Who works in the example companies, and who may look around in both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headway.accounts import actions
from headway.accounts.models import Person, Role, Workspace

VISITOR = "demo@headway.example"
"""Admin of both workspaces: the account for whoever tries Headway."""

NAMES = {
    VISITOR: "Demo",
    "ada@parcel.example": "Ada Brandt",
    "grace@parcel.example": "Grace Osei",
    "emil@parcel.example": "Emil Novak",
    "tomas@parcel.example": "Tomás Rey",
    "lin@parcel.example": "Lin Zhao",
    "noor@parcel.example": "Noor de Wit",
    "vera@parcel.example": "Vera Sommer",
    "mara@cdnow.example": "Mara Ellis",
    "jon@cdnow.example": "Jon Price",
    "ines@cdnow.example": "Ines Silva",
}
ADMINS = (VISITOR, "ada@parcel.example", "mara@cdnow.example")
VIEWERS = ("vera@parcel.example",)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One account of each role, all with the password."""

    email: str
    role: str


SIGN_INS = (
    SignIn(VISITOR, "admin"),
    SignIn("tomas@parcel.example", "member"),
    SignIn("vera@parcel.example", "viewer"),
)


def ensure_people() -> None:
    there = set(Person.objects.filter(email__in=NAMES).values_list("email", flat=True))
    for email, name in NAMES.items():
        if email not in there:
            actions.create_person(email, None, name=name)


def set_password(password: str) -> None:
    """Of the accounts in SIGN_INS; where it is the password already, people stay signed in."""
    for person in Person.objects.filter(email__in=[s.email for s in SIGN_INS]):
        if not person.check_password(password):
            person.set_password(password)
            person.save(update_fields=["password"])


def ensure_roles(workspace: Workspace, now: datetime) -> None:
    """Admins and viewers; teams have made the others members already."""
    for email, role in [(e, Role.admin) for e in ADMINS] + [(e, Role.viewer) for e in VIEWERS]:
        person = Person.objects.get(email=email)
        member = workspace.members.filter(person=person).first()
        if member is not None:
            actions.set_role(member, role, by=None, now=now)
        elif email == VISITOR or email.endswith(f"@{workspace.key}.example"):
            actions.add_member(workspace, person, role, by=None, now=now)
