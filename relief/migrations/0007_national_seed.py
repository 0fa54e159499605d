"""Words and columns of the national hardship system as its manual of 2013 has them. Where the manual names no word, our
own stands for it and its row says so: the office checks them against its own copy."""

from django.db import migrations

MANUAL = "2013年操作手册"
OURS = "手册没有列出，暂用本平台的说法，请与本县系统核对"
NONE = "手册没有「非劳模」，暂按「其他」，请与本县系统核对"
# Lists whose words are the choices of one of our columns: (list, model, column, whether the manual lists them).
CHOICES = (
    ("category", "Household", "category", False), ("housing", "Household", "housing", True),
    ("area_band", "Household", "area_band", False), ("industry", "Household", "industry", False),
    ("employer_kind", "Household", "employer_kind", False), ("relation", "HouseholdPerson", "relation", False),
    ("ethnicity", "HouseholdPerson", "ethnicity", False), ("political", "HouseholdPerson", "political", False),
    ("standing", "HouseholdPerson", "standing", True), ("model_worker", "HouseholdPerson", "model_worker", True),
    ("marital", "HouseholdPerson", "marital", True), ("hukou", "HouseholdPerson", "hukou", True),
)  # fmt: skip
LEFT_OUT = {("category", "none"), ("area_band", "20"), ("area_band", "50"), ("area_band", "70"), ("area_band", "above")}
# (list, our code, their word, written, source)
WORDS = (
    ("area_band", "20", "≤20", True, MANUAL), ("area_band", "50", "20-50", True, MANUAL),
    ("area_band", "70", "50-70", True, MANUAL), ("area_band", "above", ">70", True, MANUAL),
    ("area_band", "20", "20平方米以下", False, OURS), ("area_band", "50", "20至50平方米", False, OURS),
    ("area_band", "70", "50至70平方米", False, OURS), ("area_band", "above", "70平方米以上", False, OURS),
    ("gender", "1", "男", True, OURS), ("gender", "2", "女", True, OURS),
    ("model_worker", "", "其他", True, NONE), ("model_worker", "national", "全国劳模", False, OURS),
    ("model_worker", "province", "省部级劳模", False, OURS), ("model_worker", "prefecture", "地市级劳模", False, OURS),
    ("standing", "laid_off", "下岗", False, MANUAL), ("standing", "laid_off", "待岗", False, MANUAL),
    ("standing", "unemployed", "失业", False, MANUAL), ("standing", "unemployed", "无业", False, MANUAL),
    ("marital", "divorced", "离婚", False, OURS), ("hukou", "urban", "非农业户口", False, OURS),
    ("hukou", "rural", "农业户口", False, OURS),
    ("insurance", "yes", "已参保", True, OURS), ("insurance", "no", "未参保", True, OURS),
    *(("health", word, word, True, f"{MANUAL}（后来增加）") for word in (
        "恶性肿瘤", "终末期肾病", "深度昏迷", "永久瘫痪", "严重阿尔茨海默病")),
    *(("cause", str(number), word, True, "困难职工档案登记表") for number, word in enumerate((
        "无劳动能力", "有劳动能力未就业", "下岗失业", "未参保", "社保待遇未落实", "重特大疾病", "自然灾害", "意外事故",
        "子女上学", "其他"), 1)),
)  # fmt: skip
# (header there, other headers, what of ours fills it, compulsory)
HOUSEHOLD = (
    ("职工编号", "编号 档案编号", "national_number", True), ("困难类别", "困难职工类别", "category", True),
    ("姓名", "职工姓名 困难职工姓名", "name", True), ("民族", "", "ethnicity", True), ("性别", "", "gender", True),
    ("政治面貌", "", "political", True), ("身份证号", "身份证号码 身份证 证件号码 公民身份号码", "id_number", True),
    ("出生日期", "出生年月", "born_on", True), ("健康状况", "", "health", True), ("工作状态", "", "standing", True),
    ("劳模类型", "", "model_worker", True), ("住房类型", "", "housing", True), ("建筑面积", "住房面积", "area_band", False),
    ("手机", "手机号码 联系电话 手机号", "phone", True), ("工作时间", "参加工作时间", "works_since", True),
    ("所属行业", "", "industry", True), ("工作单位", "单位名称", "employer", False),
    ("单位性质", "", "employer_kind", False), ("婚姻状况", "婚姻", "marital", True), ("户口类型", "", "hukou", True),
    ("家庭住址", "", "address", True), ("本人月平均收入", "月平均收入", "month_income", True),
    ("家庭其他非薪资年收入", "", "other_income", True), ("家庭年度总收入", "家庭年总收入", "year_income", True),
    ("家庭人口", "家庭人口数", "people", True), ("户口所在地行政区划", "户口所在地", "hukou_place", True),
    ("医保状况", "", "insurance", True), ("主要致困原因", "致困原因", "cause", True), ("建档人", "", "made_by", True),
    ("所在工会", "工会名称 基层工会", "union", False), ("修改时间", "更新时间 最后修改时间 修改日期", "changed_on", False),
    ("审核意见", "上级意见 退回原因 整改意见 存在问题 问题 备注", "remark", False),
)  # fmt: skip
PERSON = (
    ("职工身份证号", "户主身份证号", "worker_id", False), ("职工编号", "编号", "national_number", False),
    ("姓名", "成员姓名", "name", True), ("关系", "与职工关系 家庭关系", "relation", True), ("民族", "", "ethnicity", True),
    ("身份证号", "身份证号码 身份证 证件号码", "id_number", True), ("月收入", "", "month_income", True),
    ("劳模类型", "", "model_worker", True), ("健康状况", "", "health", True), ("医保状况", "", "insurance", True),
    ("婚姻状况", "婚姻", "marital", True), ("户口类型", "", "hukou", True), ("人员身份", "身份", "standing", True),
    ("学校", "就读学校", "school", False),
)  # fmt: skip


def forward(apps, schema_editor):
    word, column = apps.get_model("relief", "NationalWord"), apps.get_model("relief", "NationalColumn")
    rows = [
        (name, code, label, True, MANUAL if is_manual else OURS)
        for name, model, field, is_manual in CHOICES
        for code, label in apps.get_model("relief", model)._meta.get_field(field).choices
        if (name, code) not in LEFT_OUT
    ]
    for name, code, text, is_written, source in (*rows, *WORDS):
        word.objects.get_or_create(
            list=name, code=code, word=text, defaults={"is_written": is_written, "source": source}
        )
    for kind, columns in (("household", HOUSEHOLD), ("person", PERSON)):
        for order, (header, others, source, is_compulsory) in enumerate(columns, 1):
            note = MANUAL if is_compulsory else "各地表格常见的列"
            column.objects.get_or_create(
                kind=kind, source=source,
                defaults={"header": header, "other_headers": others, "is_compulsory": is_compulsory, "order": order * 10,
                          "note": note},
            )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("relief", "0006_national_words")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
