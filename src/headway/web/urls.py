"""Every page and its address. Fixed words come before keys: `new` and `edit` are no keys."""

from __future__ import annotations

from django.urls import path

from headway.web.pages import (
    catalogue,
    check_in,
    cycles,
    home,
    key_result,
    key_result_form,
    kpi,
    kpis,
    metric_form,
    objective,
    objective_form,
    objectives,
    promote,
    search,
    settings,
    source,
    sources,
    workspaces,
)

urlpatterns = [
    path("", workspaces.page, name="workspaces"),
    path("<slug:workspace>/", home.page, name="home"),
    path("<slug:workspace>/search", search.page, name="search"),
    path("<slug:workspace>/check-in", check_in.page, name="check_in"),
    path("<slug:workspace>/objectives", objectives.page, name="objectives"),
    path("<slug:workspace>/objectives/new", objective_form.new, name="objective_new"),
    path("<slug:workspace>/objectives/<slug:key>", objective.page, name="objective"),
    path("<slug:workspace>/objectives/<slug:key>/edit", objective_form.edit, name="objective_edit"),
    path(
        "<slug:workspace>/objectives/<slug:key>/archive",
        objective.archive,
        name="objective_archive",
    ),
    path(
        "<slug:workspace>/objectives/<slug:key>/restore",
        objective.restore,
        name="objective_restore",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/key-results/new",
        key_result_form.new,
        name="key_result_new",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/key-results/baseline",
        key_result_form.baseline,
        name="key_result_baseline",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/<slug:key>/archive",
        key_result.archive,
        name="key_result_archive",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/<slug:key>/restore",
        key_result.restore,
        name="key_result_restore",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/<slug:key>",
        key_result.page,
        name="key_result",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/<slug:key>/chart",
        key_result.chart,
        name="key_result_chart",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/<slug:key>/check-in",
        check_in.one,
        name="key_result_check_in",
    ),
    path(
        "<slug:workspace>/objectives/<slug:objective>/<slug:key>/edit",
        key_result_form.edit,
        name="key_result_edit",
    ),
    path("<slug:workspace>/kpis", kpis.page, name="kpis"),
    path("<slug:workspace>/kpis/new", catalogue.page, name="kpi_new"),
    path("<slug:workspace>/kpis/new/preview", metric_form.preview_only, name="kpi_preview"),
    path("<slug:workspace>/kpis/new/<slug:template>", metric_form.new, name="kpi_new_form"),
    path("<slug:workspace>/kpis/<slug:key>", kpi.page, name="kpi"),
    path("<slug:workspace>/kpis/<slug:key>/chart", kpi.chart, name="kpi_chart"),
    path("<slug:workspace>/kpis/<slug:key>/edit", metric_form.edit, name="kpi_edit"),
    path("<slug:workspace>/kpis/<slug:key>/enter", metric_form.enter, name="kpi_enter"),
    path("<slug:workspace>/kpis/<slug:key>/archive", metric_form.archive, name="kpi_archive"),
    path("<slug:workspace>/kpis/<slug:key>/promote", promote.page, name="kpi_promote"),
    path("<slug:workspace>/kpis/<slug:key>/baseline", promote.baseline, name="kpi_baseline"),
    path("<slug:workspace>/sources", sources.page, name="sources"),
    path("<slug:workspace>/sources/import", sources.upload, name="source_import"),
    path("<slug:workspace>/sources/<slug:key>", source.page, name="source"),
    path(
        "<slug:workspace>/sources/<slug:key>/rejects/<int:number>",
        source.rejects,
        name="source_rejects",
    ),
    path("<slug:workspace>/settings", settings.page, name="settings"),
    path("<slug:workspace>/settings/members", settings.members, name="settings_members"),
    path("<slug:workspace>/settings/teams", settings.teams, name="settings_teams"),
    path("<slug:workspace>/settings/tokens", settings.tokens, name="settings_tokens"),
    path("<slug:workspace>/settings/cycles", cycles.page, name="cycles"),
    path("<slug:workspace>/settings/cycles/new", cycles.new, name="cycle_new"),
    path("<slug:workspace>/settings/cycles/<slug:key>", cycles.edit, name="cycle_edit"),
]
