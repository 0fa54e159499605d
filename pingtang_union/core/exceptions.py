"""The one error that a service raises for a reason a clerk can read."""


class DomainError(Exception):
    """A refusal in plain Chinese: what is wrong and what to do."""
