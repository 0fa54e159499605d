"""Entry for the application server. It doesn't start with a DATA_KEY that is not the database's."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pingtang_union.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402  wants the settings

from pingtang_union.core.database import limit_statements  # noqa: E402  wants the settings
from pingtang_union.management import data_key as key  # noqa: E402  wants the apps

try:
    key.demand()
except key.WrongKey as error:
    raise ImproperlyConfigured(str(error)) from None
finally:
    connection.close()  # of the starting thread, which serves nobody
limit_statements(seconds=10, lock_seconds=5)
