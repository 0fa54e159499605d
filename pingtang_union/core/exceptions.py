"""The errors that services raise on purpose."""


class DomainError(Exception):
    """A refusal in plain Chinese: what is wrong and what to do."""


class Interrupted(DomainError):
    """The work was ended from outside (a restart, a kill), which says nothing of what it worked on: try again."""

    def __init__(self, message: str = "文件还没有读完就被中断了，请再试一次。"):
        super().__init__(message)
