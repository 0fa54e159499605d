"""Code lists: official codes where a standard gives them, words of ours where it doesn't.

`*_SYNONYMS` give, by code, the other words that offices write for it, for core.cleaning.code.
"""

from django.db.models import TextChoices

from pingtang_union.tones import Toned


class Level(TextChoices):
    """Where a union stands (组织类型)."""

    PREFECTURE = "prefecture", "州（市）总工会"
    COUNTY = "county", "县总工会"
    TOWNSHIP = "township", "乡镇（街道）工会联合会"
    SYSTEM = "system", "系统（行业）工会联合会"
    JOINT = "joint", "联合基层工会"
    GRASSROOTS = "grassroots", "基层工会"
    BRANCH = "branch", "分会（小组）"


# Unions of unions: they have no members of their own.
FEDERATIONS = (Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP, Level.SYSTEM)

LEVEL_SYNONYMS = {
    "grassroots": "独立基层 基层",
    "joint": "联合 联合基层 联合工会",
    "branch": "分会 小组 分工会",
    "township": "乡镇工会联合会 街道工会联合会 工会联合会",
    "system": "系统工会 行业工会联合会",
}


class Category(TextChoices):
    """Public body or enterprise, as the federation's own statistics divide."""

    ORGAN = "organ", "机关工会"
    ENTERPRISE = "enterprise", "企业工会"


CATEGORY_SYNONYMS = {
    "organ": "机关 机关事业 机关事业单位 事业 机关事业单位工会 机关事业工会",
    "enterprise": "企业 非公企业",
}


class Nature(TextChoices):
    """Nature of the employer (单位类别): numbers of the 2015 form; words where that form has no number."""

    STATE = "110", "国有企业"
    COLLECTIVE = "120", "集体企业"
    SHARE_COOPERATIVE = "130", "股份合作企业"
    ASSOCIATED = "140", "联营企业"
    STATE_SOLE = "151", "国有独资公司"
    LIMITED = "159", "其他有限责任公司"
    STATE_HOLDING = "161", "国有控股股份有限公司"
    SHARES = "169", "其他股份有限公司"
    PRIVATE = "170", "私营企业"
    OTHER_DOMESTIC = "190", "其他内资企业"
    HONGKONG_MACAO_TAIWAN = "200", "港澳台商投资企业"
    FOREIGN = "300", "外商投资企业"
    INSTITUTION = "400", "事业单位"
    ORGAN = "500", "机关"
    SELF_EMPLOYED = "600", "个体经营户"
    PRIVATE_NON_ENTERPRISE = "700", "民办非企业单位"
    MASS_ORGANISATION = "mass", "群团组织"
    COMMUNITY = "community", "社区"
    SOCIAL_ORGANISATION = "social", "社会组织"
    FARMERS_COOPERATIVE = "coop", "农民专业合作社"


NATURE_SYNONYMS = {
    "110": "国有 国企",
    "120": "集体",
    "170": "私营 民营企业 民营 私企",
    "400": "事业 参公单位 参公事业单位",
    "500": "机关单位 党政机关 行政机关 行政",
    "600": "个体 个体工商户",
    "700": "民办非企业 民非",
    "mass": "群团 人民团体",
    "social": "社会团体 社团",
    "coop": "合作社 专业合作社",
    "300": "外资企业",
    "200": "港澳台企业",
    "151": "国有独资",
    "161": "国有控股",
    "159": "有限责任公司",
    "169": "股份有限公司",
}


class Industry(TextChoices):
    """Sections of GB/T 4754-2017."""

    A = "A", "农、林、牧、渔业"
    B = "B", "采矿业"
    C = "C", "制造业"
    D = "D", "电力、热力、燃气及水生产和供应业"
    E = "E", "建筑业"
    F = "F", "批发和零售业"
    G = "G", "交通运输、仓储和邮政业"
    H = "H", "住宿和餐饮业"
    I = "I", "信息传输、软件和信息技术服务业"  # noqa: E741  the standard's own letter
    J = "J", "金融业"
    K = "K", "房地产业"
    L = "L", "租赁和商务服务业"
    M = "M", "科学研究和技术服务业"
    N = "N", "水利、环境和公共设施管理业"
    O = "O", "居民服务、修理和其他服务业"  # noqa: E741  the standard's own letter
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化、体育和娱乐业"
    S = "S", "公共管理、社会保障和社会组织"
    T = "T", "国际组织"


class UnionStatus(Toned):
    """Whether a union exists."""

    PREPARING = "preparing", "is-info", "筹备"
    ACTIVE = "active", "is-ok", "正常"
    DISSOLVED = "dissolved", "", "撤销"


class Gender(TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


GENDER_SYNONYMS = {"1": "男性 M", "2": "女性 F"}

# GB/T 3304-1991, numeric codes of the 56 peoples, then the two codes for everyone else.
_PEOPLES = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 "
    "哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 "
    "达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 "
    "德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
ETHNICITIES = [(f"{number:02d}", f"{people}族") for number, people in enumerate(_PEOPLES.split(), start=1)] + [
    ("97", "其他"),
    ("98", "外国血统中国籍人士"),
]
ETHNICITY_SYNONYMS = {f"{number:02d}": people for number, people in enumerate(_PEOPLES.split(), start=1)} | {
    "36": "毛南 毛难族",
    "97": "穿青人 未识别民族",
}


class IdType(TextChoices):
    """Kinds of identity document."""

    RESIDENT = "resident", "居民身份证"
    PERMIT = "permit", "港澳台居民居住证"
    HONGKONG_MACAO = "hk_mo_pass", "港澳居民来往内地通行证"
    TAIWAN = "tw_pass", "台湾居民来往大陆通行证"
    PASSPORT = "passport", "护照"
    FOREIGNER = "foreigner", "外国人永久居留身份证"
    OFFICER = "officer", "军官证"
    OTHER = "other", "其他证件"


ID_TYPE_SYNONYMS = {
    "resident": "身份证 二代身份证 第二代居民身份证 二代证",
    "permit": "居住证 港澳台居住证 港澳居民居住证 台湾居民居住证",
    "hk_mo_pass": "港澳通行证 回乡证",
    "tw_pass": "台胞证",
    "foreigner": "外国人永居证",
    "other": "其他",
    "passport": "普通护照",
}


class Education(TextChoices):
    """GB/T 4658-2006, the levels that rosters use."""

    DOCTOR = "11", "博士研究生"
    MASTER = "14", "硕士研究生"
    BACHELOR = "20", "本科"
    COLLEGE = "30", "大专"
    SECONDARY_VOCATIONAL = "40", "中专"
    TECHNICAL = "47", "技校"
    HIGH_SCHOOL = "60", "高中"
    MIDDLE_SCHOOL = "70", "初中"
    PRIMARY = "80", "小学"
    OTHER = "90", "其他"


EDUCATION_SYNONYMS = {
    "11": "博士",
    "14": "硕士 研究生",
    "20": "大学本科 大学 本科学历",
    "30": "大学专科 专科 高职",
    "40": "中等专科 职高 中师",
    "47": "中技 技工学校",
    "60": "普通高中 高级中学",
    "70": "初级中学",
}


class Political(TextChoices):
    """GB/T 4762-1984."""

    PARTY_MEMBER = "01", "中共党员"
    PROBATIONARY = "02", "中共预备党员"
    YOUTH_LEAGUE = "03", "共青团员"
    REVOLUTIONARY_COMMITTEE = "04", "民革党员"
    DEMOCRATIC_LEAGUE = "05", "民盟盟员"
    NATIONAL_CONSTRUCTION = "06", "民建会员"
    PROMOTING_DEMOCRACY = "07", "民进会员"
    PEASANTS_AND_WORKERS = "08", "农工党党员"
    ZHI_GONG = "09", "致公党党员"
    JIU_SAN = "10", "九三学社社员"
    TAIWAN_LEAGUE = "11", "台盟盟员"
    NO_PARTY = "12", "无党派人士"
    MASSES = "13", "群众"


POLITICAL_SYNONYMS = {
    "01": "党员 中国共产党党员 共产党员",
    "02": "预备党员",
    "03": "团员 共青团",
    "04": "民革",
    "05": "民盟",
    "06": "民建",
    "07": "民进",
    "08": "农工党",
    "09": "致公党",
    "10": "九三学社 九三",
    "11": "台盟",
    "12": "无党派 无党派民主人士",
    "13": "普通群众 一般群众",
}


class Contract(TextChoices):
    """Form of employment (用工形式)."""

    ESTABLISHED = "established", "在编"
    CONTRACT = "contract", "合同制"
    DISPATCHED = "dispatched", "劳务派遣"
    FLEXIBLE = "flexible", "灵活就业"
    OTHER = "other", "其他"


CONTRACT_SYNONYMS = {
    "established": "编制内 正式 正式工 公务员 事业编制 行政编制 事业编",
    "contract": "合同 合同工 劳动合同 聘用 聘用制",
    "dispatched": "派遣 派遣工 劳务派遣工",
    "flexible": "灵活",
    "other": "临时工 公益性岗位",
}


class Employment(TextChoices):
    """Whether the member is in work (就业情况)."""

    WORKING = "working", "在岗"
    OFF_POST = "off_post", "内退或待岗"
    UNEMPLOYED = "unemployed", "失业"
    RETIRED = "retired", "退休"


EMPLOYMENT_SYNONYMS = {
    "working": "在职 就业 已就业",
    "off_post": "待岗 内退 下岗",
    "unemployed": "未就业",
    "retired": "离退休",
}


class NewForm(TextChoices):
    """Workers in new forms of employment (新就业形态)."""

    TRUCK = "truck", "货车司机"
    RIDE = "ride", "网约车司机"
    COURIER = "courier", "快递员"
    DELIVERY = "delivery", "外卖配送员"
    OTHER = "other", "其他新就业形态"


NEW_FORM_SYNONYMS = {
    "truck": "卡车司机",
    "courier": "快递小哥",
    "delivery": "外卖员 外卖骑手 外卖送餐员",
    "ride": "网约车",
}


class Skill(TextChoices):
    """Skill grades (技能等级)."""

    FIVE = "5", "初级工"
    FOUR = "4", "中级工"
    THREE = "3", "高级工"
    TWO = "2", "技师"
    ONE = "1", "高级技师"


SKILL_SYNONYMS = {"5": "五级 五级工", "4": "四级 四级工", "3": "三级 三级工", "2": "二级", "1": "一级"}


class Household(TextChoices):
    """Kind of household registration (户籍类型)."""

    RURAL = "rural", "农业户口"
    URBAN = "urban", "非农业户口"
    RESIDENT = "resident", "居民户口"


HOUSEHOLD_SYNONYMS = {"rural": "农业 农村", "urban": "非农业 城镇", "resident": "居民"}


class Rank(TextChoices):
    """Rank of office (行政职级). 股级 is no layer of the civil service law, but the county counts by it."""

    COUNTY = "county", "正处级"
    DEPUTY_COUNTY = "deputy_county", "副处级"
    SECTION_CHIEF = "section_chief", "正科级"
    DEPUTY_SECTION = "deputy_section", "副科级"
    UNIT_LEVEL = "unit_level", "股级"
    STAFF = "staff", "科员"


RANK_SYNONYMS = {
    "county": "正处 正县级 正县 县处级正职",
    "deputy_county": "副处 副县级 副县 县处级副职",
    "section_chief": "正科 正科长级 乡科级正职",
    "deputy_section": "副科 副科长级 乡科级副职",
    "unit_level": "正股级 副股级 股长级",
    "staff": "一般干部 办事员",
}


class Grade(TextChoices):
    """Parallel grades since 1 June 2019 (《公务员职务与职级并行规定》第七条)."""

    INSPECTOR_1 = "inspector1", "一级巡视员"
    INSPECTOR_2 = "inspector2", "二级巡视员"
    RESEARCHER_1 = "researcher1", "一级调研员"
    RESEARCHER_2 = "researcher2", "二级调研员"
    RESEARCHER_3 = "researcher3", "三级调研员"
    RESEARCHER_4 = "researcher4", "四级调研员"
    PRINCIPAL_1 = "principal1", "一级主任科员"
    PRINCIPAL_2 = "principal2", "二级主任科员"
    PRINCIPAL_3 = "principal3", "三级主任科员"
    PRINCIPAL_4 = "principal4", "四级主任科员"
    CLERK_1 = "clerk1", "一级科员"
    CLERK_2 = "clerk2", "二级科员"


class Duty(TextChoices):
    """Full-time, part-time or on loan (专兼挂)."""

    FULL = "full", "专职"
    PART = "part", "兼职"
    SECONDED = "seconded", "挂职"


DUTY_SYNONYMS = {"full": "专 全职", "part": "兼", "seconded": "挂"}


class CadreKind(TextChoices):
    """Cadres and employed social workers are counted apart."""

    CADRE = "cadre", "工会干部"
    SOCIAL_WORKER = "social_worker", "社会化工会工作者"


class MemberStatus(Toned):
    """Where a membership stands; follows from its latest event."""

    ACTIVE = "active", "is-ok", "在会"
    RETAINED = "retained", "is-warn", "保留会籍"
    LEFT = "left", "", "已离会"


CURRENT = (MemberStatus.ACTIVE, MemberStatus.RETAINED)


class EventKind(TextChoices):
    """Acts of membership (会籍)."""

    JOIN = "join", "入会"
    TRANSFER_OUT = "transfer_out", "转出"
    TRANSFER_IN = "transfer_in", "转入"
    RETAIN = "retain", "保留会籍"
    RESTORE = "restore", "恢复会籍"
    LEAVE = "leave", "退会"
    EXPEL = "expel", "除名"
    DEATH = "death", "死亡"


# Status after each kind of event; a member in transit between unions is nobody's current member.
STATUS_AFTER: dict[str, str] = {
    EventKind.JOIN: MemberStatus.ACTIVE,
    EventKind.TRANSFER_IN: MemberStatus.ACTIVE,
    EventKind.RESTORE: MemberStatus.ACTIVE,
    EventKind.RETAIN: MemberStatus.RETAINED,
    EventKind.TRANSFER_OUT: MemberStatus.LEFT,
    EventKind.LEAVE: MemberStatus.LEFT,
    EventKind.EXPEL: MemberStatus.LEFT,
    EventKind.DEATH: MemberStatus.LEFT,
}


class TrainingLevel(TextChoices):
    """Who held a course."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "州级"
    COUNTY = "county", "县级"
    TOWNSHIP = "township", "乡镇级"


TRAINING_LEVEL_SYNONYMS = {
    "national": "国家 全国 全总",
    "province": "省 省总 省总工会",
    "prefecture": "州 市级 州总 地市级 州市级",
    "county": "县 县总 县总工会 区县级 县区级",
    "township": "乡镇 镇级 街道 基层 乡级",
}


class Result(TextChoices):
    """Result of a course."""

    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"
    EXCELLENT = "excellent", "优秀"
    ABSENT = "absent", "未参加考核"


RESULT_SYNONYMS = {"passed": "通过 及格 结业", "failed": "未通过 不及格", "excellent": "优", "absent": "未考核 缺考"}
