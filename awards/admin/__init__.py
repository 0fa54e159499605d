"""County staff's pages over honours: one module a subject."""

from awards.admin import awards, honours, nominations, rounds, scorecards, stars
