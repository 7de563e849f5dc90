"""What an application server serves: `headway.config.wsgi:application`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headway.config.settings")

pages = get_wsgi_application()

from headway.ingest.door.door import Door  # noqa: E402 - Django is ready by now

application = Door(pages)
