from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0002_warehouses"),
    ]

    operations = [
        migrations.AddField(
            model_name="changeddays",
            name="names",
            field=models.JSONField(
                help_text="Which events changed; null: any may have.", null=True
            ),
        ),
        migrations.AddField(
            model_name="changeddays",
            name="columns",
            field=models.JSONField(
                help_text="What of them changed; null: some came or went.", null=True
            ),
        ),
    ]
