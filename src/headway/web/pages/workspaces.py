"""Where somebody starts: their only workspace, or the choice of one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from headway.accounts.models import Workspace


@login_required
def page(request: HttpRequest) -> HttpResponse:
    mine = Workspace.objects.filter(members__person=request.user.pk).order_by("name")
    if len(mine) == 1:
        return redirect("home", mine[0].key)
    return render(request, "workspaces.html", {"workspaces": mine, "title": "Workspaces"})
