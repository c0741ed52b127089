"""The auditors' four ledgers as workbooks that prove themselves. See `export` for making one, `known` for checking one."""
