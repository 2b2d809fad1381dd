"""What can go wrong on one machine, in a sentence that says what to do. Owns the words' carrier only."""


class CannotStart(Exception):
    """Something a person has to settle first; the message is shown to them as it is."""
