"""A register workbook on its way into the register: read, checked, shown or written, and given back with its findings."""
from households.importer.run import Import, ImportInterrupted, ImportRefused

__all__ = ["Import", "ImportInterrupted", "ImportRefused"]
