"""Kinds, indicators and series that the county's ledger of 2014 to 2018 names, with the rules by which it is read. The
office may change, add and end them."""

from django.db import migrations

# (name, other names, what it counts as)
KINDS = (
    ("劳动竞赛", "建功立业竞赛", "labour"),
    ("技能竞赛", "业务技能竞赛 技能比武 岗位练兵 技能比赛", "skill"),
    ("职工徒步走", "徒步走 健步走", "hike"),
    ("文体活动", "文艺活动 体育活动 体育比赛 文体比赛 球赛 棋类比赛 书法比赛 烹饪比赛", "sports"),
    ("联谊活动", "联谊 联谊运动会", "fellowship"),
    ("读书征文", "征文比赛 读书活动 读书写作 征文", "reading"),
    ("演讲比赛", "演讲", "speech"),
    ("摄影比赛", "摄影大赛 摄影", "photo"),
    ("招聘会", "春风行动 专场招聘会", "job_fair"),
    ("推荐技能培训", "技能培训推荐", "referral"),
    ("就业援助", "就业服务", "other"),
    ("维权宣传", "普法宣传 法律宣传", "rights"),
    ("就业创业培训", "就业培训 创业培训", "employment"),
    ("基层工会负责人专题培训", "工会负责人专题培训", "leaders"),
    ("宣讲学习", "宣讲 学习宣讲", "lecture"),
    ("导游（解说员）培训", "导游培训 解说员培训", "guides"),
    ("宾馆酒店及农家乐从业人员培训", "宾馆酒店从业人员培训 酒店从业人员培训", "hotels"),
    ("旅游培训", "", "training"),
    ("职工培训", "培训 其他培训", "training"),
    ("志愿服务", "志愿者服务", "volunteers"),
    ("抽调服务中心工作", "服务中心工作 抽调", "seconded"),
    ("驻村走访", "扶贫走访 挂帮走访 走访慰问", "village"),
    ("其他活动", "其他", "other"),
)
# (name, other names, unit, what it counts as)
INDICATORS = (
    ("征文", "征文稿件 收到征文", "篇", "essays"),
    ("参赛作品", "作品", "幅", "other"),
    ("维权手册", "农民工维权手册 发放维权手册", "册", "handbooks"),
    ("招聘企业", "参会企业 联系招聘企业", "家", "recruiters"),
    ("就业岗位", "提供就业岗位", "个", "jobs"),
    ("推荐参训", "推荐参加技能培训", "人", "referred"),
    ("实现就业", "就业人数", "人", "employed"),
    ("宣讲单位", "宣讲企业", "家", "other"),
)
SERIES = ("阳光职工·幸福平塘", "践行新理念、建功十三五", "“三·八”系列活动", "春风行动", "服务省十二届旅发大会")
# (words that all stand in name, category and theme; kind; series)
RULES = (
    ("文体活动 徒步走", "职工徒步走", None),
    ("就业援助 招聘会", "招聘会", None),
    ("就业援助 技能培训班", "推荐技能培训", None),
    ("宣讲学习 专题培训", "基层工会负责人专题培训", None),
    ("旅游培训 导游", "导游（解说员）培训", None),
    ("旅游培训 从业人员培训", "宾馆酒店及农家乐从业人员培训", None),
    ("阳光职工·幸福平塘", None, "阳光职工·幸福平塘"),
    ("建功十三五", None, "践行新理念、建功十三五"),
    ("三·八节", None, "“三·八”系列活动"),
    ("书香三八", None, "“三·八”系列活动"),
    ("春风行动", None, "春风行动"),
    ("省十二届旅发", None, "服务省十二届旅发大会"),
)


def forward(apps, schema_editor):
    def model(name):
        return apps.get_model("campaigns", name).objects

    for order, (name, other_names, group) in enumerate(KINDS, 1):
        model("ActivityKind").get_or_create(
            name=name, defaults={"other_names": other_names, "group": group, "order": order * 10}
        )
    for order, (name, other_names, unit, group) in enumerate(INDICATORS, 1):
        model("Indicator").get_or_create(
            name=name, defaults={"other_names": other_names, "unit": unit, "group": group, "order": order * 10}
        )
    for order, name in enumerate(SERIES, 1):
        model("Series").get_or_create(name=name, defaults={"order": order * 10})
    for order, (words, kind, series) in enumerate(RULES, 1):
        model("ImportRule").get_or_create(
            words=words,
            defaults={
                "kind": kind and model("ActivityKind").get(name=kind),
                "series": series and model("Series").get(name=series),
                "order": order * 10,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_activities")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
