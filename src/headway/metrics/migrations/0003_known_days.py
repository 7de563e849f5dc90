from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0002_point_faults"),
    ]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="first_day",
            field=models.DateField(help_text="The first day of its points.", null=True),
        ),
        migrations.AddField(
            model_name="metric",
            name="silences",
            field=models.JSONField(
                default=dict,
                help_text="By silent source: the first day that its points call unknown, and why.",
            ),
        ),
    ]
