"""County staff's pages over the records of organisation: one module a subject."""

from members.admin import cadres, members, numbers, trainings, transfers, unions, users
