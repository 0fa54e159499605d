"""The records of honours: one module a subject."""

from awards.models.awards import Award, AwardSource
from awards.models.honours import Honour, HonourLevel, RecipientKind
from awards.models.nominations import Naming, Nomination, NomineeKind
from awards.models.papers import (
    NominationFile,
    NominationObjection,
    NominationPaper,
    NominationStep,
    Opinion,
    OpinionVerdict,
    VetoAnswer,
)
from awards.models.rounds import (
    AppliesTo,
    Bound,
    Quota,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    SelectionRound,
    SlateRatio,
    Trait,
    VetoKind,
)
from awards.models.scorecards import ItemScore, Scorecard, ScorecardFile, ScorecardStep
from awards.models.stars import StarDimension, StarItem, StarScheme, StarThreshold, points, stars_label
