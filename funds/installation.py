"""What the ledger needs of an installation: its triggers after every migration, its chain and its exports in `verify_chain`."""
from django.apps import apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from funds import chain, guards
from funds.ledgers import known
from office import chains


def connect() -> None:
    """Called once, when the apps are loaded."""
    chains.add(guards.CHAIN, chain.verify)
    chains.add("balances", chain.verify_balances)
    chains.add_file_check(known.check)
    room = apps.get_app_config("funds")
    pre_migrate.connect(_remove, sender=room, dispatch_uid="funds.guards.remove")
    post_migrate.connect(_install, sender=room, dispatch_uid="funds.guards.install")


def _remove(using, **kwargs) -> None:
    guards.remove(connections[using])


def _install(using, **kwargs) -> None:
    guards.install(connections[using])
