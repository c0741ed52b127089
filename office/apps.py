from importlib import import_module

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "office"
    verbose_name = "基础"

    def ready(self):
        import_module("office.accounts").connect()
