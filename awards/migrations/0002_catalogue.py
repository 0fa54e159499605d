"""The titles that the county's unions have won or strive for, and which stands above which by its name.

`basis` and the documents are the office's to fill in: no approval is invented here. `wait_years` stays empty for the
same reason.
"""

import re
import unicodedata

from django.db import migrations

ALL_CHINA, PROVINCE, PREFECTURE, COUNTY = "中华全国总工会", "贵州省总工会", "黔南州总工会", "平塘县总工会"

# (code, title, other names, level, kind, granted by, code of the title just below)
TITLES = [
    ("county.pacesetter_post", "平塘县五一劳动标兵岗", "五一劳动标兵岗", "county", "post", COUNTY, None),
    ("county.women_post", "平塘县五一巾帼标兵岗", "五一巾帼标兵岗", "county", "post", COUNTY, None),
    ("county.worker_pioneer", "平塘县工人先锋号", "", "county", "post", COUNTY, None),
    ("county.craftsman", "平塘工匠", "", "county", "person", COUNTY, None),
    ("county.startup_star", "创业之星", "平塘县创业之星", "county", "person", COUNTY, None),
    ("county.pacesetter", "平塘县五一劳动标兵", "五一劳动标兵", "county", "person", COUNTY, None),
    ("county.women_pacesetter", "平塘县巾帼标兵", "平塘县五一巾帼标兵、巾帼标兵", "county", "person", COUNTY, None),
    ("prefecture.may_day_certificate", "黔南州五一劳动奖状", "", "prefecture", "collective", PREFECTURE,
     "county.pacesetter_post"),
    ("prefecture.may_day_medal", "黔南州五一劳动奖章", "", "prefecture", "person", PREFECTURE, "county.pacesetter"),
    ("prefecture.worker_pioneer", "黔南州工人先锋号", "", "prefecture", "post", PREFECTURE, "county.worker_pioneer"),
    ("prefecture.model_home", "黔南州模范职工之家", "", "prefecture", "collective", PREFECTURE, None),
    ("prefecture.four_star_union", "好花红四星级工会组织", "黔南州好花红四星级工会组织、好花红四星级工会", "prefecture",
     "collective", PREFECTURE, None),
    ("prefecture.five_star_union", "好花红五星级工会组织", "黔南州好花红五星级工会组织、好花红五星级工会", "prefecture",
     "collective", PREFECTURE, "prefecture.four_star_union"),
    ("province.may_day_award", "贵州省五一劳动奖", "贵州省五一劳动奖状", "province", "collective", PROVINCE,
     "prefecture.may_day_certificate"),
    ("province.may_day_medal", "贵州省五一劳动奖章", "", "province", "person", PROVINCE, "prefecture.may_day_medal"),
    ("province.worker_pioneer", "贵州省工人先锋号", "", "province", "post", PROVINCE, "prefecture.worker_pioneer"),
    ("province.model_home", "贵州省模范职工之家", "", "province", "collective", PROVINCE, "prefecture.model_home"),
    ("province.model_small_home", "贵州省模范职工小家", "", "province", "collective", PROVINCE, None),
    ("province.ethics_model", "贵州省行业道德标兵", "", "province", "person", PROVINCE, None),
    ("national.may_day_certificate", "全国五一劳动奖状", "", "national", "collective", ALL_CHINA,
     "province.may_day_award"),
    ("national.may_day_medal", "全国五一劳动奖章", "", "national", "person", ALL_CHINA, "province.may_day_medal"),
    ("national.worker_pioneer", "全国工人先锋号", "", "national", "post", ALL_CHINA, "province.worker_pioneer"),
    ("national.model_home", "全国模范职工之家", "", "national", "collective", ALL_CHINA, "province.model_home"),
    ("national.model_small_home", "全国模范职工小家", "", "national", "collective", ALL_CHINA,
     "province.model_small_home"),
]


def _key(title):
    return re.sub(r"[^\w]|_", "", unicodedata.normalize("NFKC", title)).lower()


def add_titles(apps, schema_editor):
    honour = apps.get_model("awards", "Honour")
    made = {}
    for place, (code, title, others, level, kind, granted_by, below) in enumerate(TITLES, 1):
        made[code], _ = honour.objects.get_or_create(
            code=code,
            defaults={
                "title": title, "title_key": _key(title), "other_titles": others, "level": level, "kind": kind,
                "granted_by": granted_by, "below": made.get(below), "order": place * 10,
            },
        )  # fmt: skip


def remove_titles(apps, schema_editor):
    """Take away seeded titles, from the top of the ladder down; one that awards or rounds name keeps the migration."""
    honour = apps.get_model("awards", "Honour")
    for code, *_ in reversed(TITLES):
        honour.objects.filter(code=code).delete()


class Migration(migrations.Migration):
    dependencies = [("awards", "0001_honours")]

    operations = [migrations.RunPython(add_titles, remove_titles)]
