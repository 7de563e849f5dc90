import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("metrics", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cycle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField()),
                ("name", models.CharField(blank=True, max_length=80)),
                ("starts", models.DateField()),
                ("ends", models.DateField()),
                ("managed_in_code", models.BooleanField(default=False)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="goals.cycle",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cycles",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-starts", "ends"],
            },
        ),
        migrations.CreateModel(
            name="KeyResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=80)),
                ("title", models.CharField(blank=True, max_length=200)),
                (
                    "shape",
                    models.CharField(
                        choices=[
                            ("reach", "Reach a value"),
                            ("relative", "Change by a percentage or points"),
                            ("keep", "Keep within bounds"),
                            ("manual", "Typed at each check-in"),
                        ],
                        max_length=8,
                    ),
                ),
                ("baseline_typed", models.FloatField(blank=True, null=True)),
                ("target", models.FloatField(blank=True, null=True)),
                ("change", models.FloatField(blank=True, null=True)),
                (
                    "change_in",
                    models.CharField(
                        choices=[("percent", "percent"), ("points", "points")],
                        default="percent",
                        max_length=7,
                    ),
                ),
                ("at_least", models.FloatField(blank=True, null=True)),
                ("at_most", models.FloatField(blank=True, null=True)),
                (
                    "over",
                    models.CharField(
                        choices=[
                            ("latest", "The last complete period"),
                            ("mean", "Mean of the last periods"),
                            ("cycle_to_date", "Sum since the cycle opened"),
                            ("trailing", "Trailing days"),
                        ],
                        default="latest",
                        max_length=13,
                    ),
                ),
                ("over_n", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "grain",
                    models.CharField(
                        blank=True, help_text="Empty: the metric's or workspace's.", max_length=7
                    ),
                ),
                ("due", models.DateField()),
                ("weight", models.FloatField(default=1.0)),
                ("unit", models.CharField(blank=True, help_text="For manual ones.", max_length=20)),
                ("definition_version", models.PositiveIntegerField(null=True)),
                ("managed_in_code", models.BooleanField(default=False)),
                ("archived_at", models.DateTimeField(null=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("baseline", models.FloatField(null=True)),
                ("aim", models.FloatField(help_text="The target in the metric's unit.", null=True)),
                ("value", models.FloatField(null=True)),
                (
                    "value_through",
                    models.DateField(help_text="Last day that the value covers.", null=True),
                ),
                ("progress", models.FloatField(help_text="Raw, never clamped.", null=True)),
                ("expected", models.FloatField(null=True)),
                ("holds", models.BooleanField(null=True)),
                ("status", models.CharField(default="unknown", max_length=24)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("refreshed_at", models.DateTimeField(null=True)),
                (
                    "cycle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key_results",
                        to="goals.cycle",
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key_results",
                        to="metrics.metric",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="key_results",
                        to="accounts.member",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("value", models.FloatField(blank=True, null=True)),
                ("confidence", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "key_result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_ins",
                        to="goals.keyresult",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-at"],
            },
        ),
        migrations.CreateModel(
            name="Objective",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=80)),
                ("title", models.CharField(max_length=200)),
                ("why", models.TextField(blank=True)),
                (
                    "ambition",
                    models.CharField(
                        choices=[("committed", "Committed"), ("aspirational", "Aspirational")],
                        default="committed",
                        max_length=12,
                    ),
                ),
                ("status", models.CharField(default="unknown", max_length=24)),
                ("progress", models.FloatField(null=True)),
                ("unknown_count", models.PositiveSmallIntegerField(default=0)),
                ("managed_in_code", models.BooleanField(default=False)),
                ("archived_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "cycle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objectives",
                        to="goals.cycle",
                    ),
                ),
                (
                    "guardrails",
                    models.ManyToManyField(blank=True, related_name="guards", to="metrics.metric"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="objectives",
                        to="accounts.member",
                    ),
                ),
                (
                    "supports",
                    models.ManyToManyField(
                        blank=True, related_name="supported_by", to="goals.objective"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objectives",
                        to="accounts.team",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objectives",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="keyresult",
            name="objective",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="key_results",
                to="goals.objective",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="cycle_key"),
        ),
        migrations.AddConstraint(
            model_name="objective",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="objective_key"),
        ),
        migrations.AddConstraint(
            model_name="keyresult",
            constraint=models.UniqueConstraint(fields=("objective", "key"), name="key_result_key"),
        ),
    ]
