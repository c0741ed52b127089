"""The one way a workbook is turned away as a whole."""


class WorkbookRefused(Exception):
    """Nothing of the file was used. The message is one Chinese sentence: what is wrong and what to do."""
