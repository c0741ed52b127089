"""The one way a workbook is turned away as a whole."""


class WorkbookRefused(Exception):
    """Nothing of the file was used. The message is one Chinese sentence: what is wrong and what to do."""


class Unpatchable(Exception):
    """A part of the workbook is legal but not laid out the way spreadsheet programs write it, so it is not changed in place."""
