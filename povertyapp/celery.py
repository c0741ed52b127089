"""The worker application: Redis in production, a broker made of files when nothing is configured."""
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyapp.settings")

app = Celery("povertyapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
