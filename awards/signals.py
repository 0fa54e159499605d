"""The audit trail of honours. States are written by core.workflow with their reasons; the log has them from there."""

from awards.models import (
    Award,
    Honour,
    ItemScore,
    Nomination,
    NominationFile,
    NominationObjection,
    NominationPaper,
    Opinion,
    Quota,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    Scorecard,
    ScorecardFile,
    SelectionRound,
    SlateRatio,
    StarDimension,
    StarItem,
    StarScheme,
    StarThreshold,
    VetoAnswer,
)
from pingtang_union.core.audit import audited
from pingtang_union.core.models import PublicityRule

_MOVED = ["state", "revision", "reason"]

audited(Honour, exclude_fields=["title_key"])
audited(Award, exclude_fields=["recipient_key", "token"])
audited(Nomination, exclude_fields=["name_key", "nominee_key", *_MOVED])
audited(Scorecard, exclude_fields=_MOVED)
audited(SelectionRound, m2m_fields={"honours"})
audited(NominationObjection)
for model in (
    PublicityRule,
    ItemScore,
    NominationPaper,
    Opinion,
    Quota,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    SlateRatio,
    StarDimension,
    StarItem,
    StarScheme,
    StarThreshold,
    VetoAnswer,
):
    audited(model)
for attached in (NominationFile, ScorecardFile):
    audited(attached, exclude_fields=["content"])
