"""County staff's pages over the records of organisation: one module a subject."""

from members.admin import cadres, members, trainings, transfers, unions, users  # noqa: F401  each registers its pages
