"""Records of campaigns."""

from campaigns.models.activities import LACKS, Activity, Coverage, Outcome, Photo, VillageAid
from campaigns.models.catalogue import ActivityKind, Edition, ImportRule, Indicator, Series
from campaigns.models.codes import ActivityState, IndicatorGroup, KindGroup

__all__ = [
    "LACKS",
    "Activity",
    "ActivityKind",
    "ActivityState",
    "Coverage",
    "Edition",
    "ImportRule",
    "Indicator",
    "IndicatorGroup",
    "KindGroup",
    "Outcome",
    "Photo",
    "Series",
    "VillageAid",
]
