from typing import Any

from django.db import migrations, models
from django.db.models import Sum


def find_uncounted(apps: Any, _: Any) -> None:
    """Events that came in before anybody counted, where others have come in since."""
    for source in apps.get_model("ingest", "Source").objects.filter(rows__gt=0):
        seen = source.seen.aggregate(rows=Sum("rows"))["rows"] or 0
        if seen < source.rows:
            source.counted = False
            source.save(update_fields=["counted"])


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0010_blocked_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="counted",
            field=models.BooleanField(
                default=True, help_text="Whether every event is counted by name, also the oldest."
            ),
        ),
        migrations.RunPython(find_uncounted, migrations.RunPython.noop),
    ]
