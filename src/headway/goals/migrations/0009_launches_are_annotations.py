"""What was launched before there were annotations is one, too."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def mark(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    outputs = apps.get_model("goals", "Output").objects
    annotations = apps.get_model("metrics", "Annotation").objects
    for output in outputs.filter(archived_at=None).exclude(launched=None):
        row, _ = annotations.update_or_create(
            workspace_id=output.workspace_id,
            origin="output",
            key=output.key,
            defaults={
                "kind": "launch",
                "title": output.name,
                "starts": output.launched,
                "covers": "metrics",
                "created_at": output.created_at,
            },
        )
        row.metrics.set(output.moves.values_list("pk", flat=True))


class Migration(migrations.Migration):
    dependencies = [
        ("goals", "0008_key_results_since"),
        ("metrics", "0005_annotations"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
