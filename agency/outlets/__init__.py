"""How things leave: figures as text, charts, mail markup. Knows nothing of accounts, sync or permissions."""
