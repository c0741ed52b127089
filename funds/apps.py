from importlib import import_module

from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "funds"
    verbose_name = "资金"

    def ready(self):
        import_module("funds.installation").connect()
