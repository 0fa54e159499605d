"""What each role may do with honours."""

from django.db import migrations

from pingtang_union.core.grants import granting

_CALLS = ("honour", "selectionround", "quota", "requiredpaper", "requiredopinion", "roundveto", "slateratio",
          "starscheme", "stardimension", "staritem", "starthreshold")  # fmt: skip
_FILLED = ("nomination", "nominationfile", "nominationpaper", "vetoanswer", "scorecard", "scorecardfile", "itemscore")
_OF_OFFICES = ("opinion", "nominationobjection")
_READ = [f"awards.view_{model}" for model in (*_CALLS, *_FILLED, "award", "nominationstep", "scorecardstep")]
_READ_MORE = [f"awards.view_{model}" for model in _OF_OFFICES]
_FILL = [f"awards.{verb}_{model}" for verb in ("add", "change") for model in ("nomination", "scorecard")]
_FILL += ["awards.submit_nomination:nomination", "awards.submit_scorecard:scorecard"]
_KEEP = [f"awards.{verb}_{model}" for verb in ("add", "change") for model in (*_CALLS, "award")]
_KEEP += [f"awards.delete_{model}" for model in _CALLS if model not in ("honour", "selectionround", "starscheme")]
_REVIEW = ["awards.review_nomination:nomination", "awards.publicise_nomination:nomination",
           "awards.score_nomination:nomination", "awards.name_nomination:nomination", "awards.revoke_award:award",
           "awards.review_scorecard:scorecard", *(f"awards.{verb}_{model}" for verb in ("add", "change")
                                                  for model in _OF_OFFICES)]  # fmt: skip
_DECIDE = ["awards.decide_nomination:nomination", "awards.decide_scorecard:scorecard"]
_RECOMMEND = ["awards.recommend_nomination:nomination"]
_RULES = ["core.view_publicityrule", "core.add_publicityrule", "core.change_publicityrule"]
_LEDGERS = ["core.add_importbatch", "core.undo_importbatch:importbatch", "core.view_headerchoice"]

forward, backward = granting({
    # The desk that calls, reviews and publicises. It may decide too, but never the person who reviewed.
    "县总工会经济技术与宣教": [*_READ, *_READ_MORE, *_KEEP, *_REVIEW, *_DECIDE, *_RULES, *_LEDGERS],
    # Another desk of the county decides, where the first has one person only.
    "县总工会组织": [*_READ, *_READ_MORE, *_FILL, *_DECIDE, "awards.add_award", "awards.change_award",
                "core.view_publicityrule"],
    "县总工会帮扶": [*_READ, "core.view_publicityrule"],
    "乡镇工会": [*_READ, *_FILL, *_RECOMMEND],
    "基层工会": [*_READ, *_FILL],
})  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0002_catalogue"),
        ("core", "0004_publicity_rule"),
        ("members", "0006_officers_roles"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(forward, backward)]
