"""Code lists of campaigns. Kinds and indicators are lists of the office; what a figure counts of them is said here."""

from django.db.models import TextChoices

from pingtang_union.tones import Toned


class ActivityState(Toned):
    """Where an activity stands."""

    PLANNED = "planned", "is-info", "计划中"
    HELD = "held", "is-ok", "已举办"
    CANCELLED = "cancelled", "", "已取消"


class KindGroup(TextChoices):
    """What a kind of activity counts as in figures."""

    LABOUR = "labour", "劳动竞赛"
    SKILL = "skill", "技能竞赛"
    HIKE = "hike", "徒步走"
    SPORTS = "sports", "文体活动"
    FELLOWSHIP = "fellowship", "联谊活动"
    READING = "reading", "读书征文"
    SPEECH = "speech", "演讲"
    PHOTO = "photo", "摄影"
    JOB_FAIR = "job_fair", "招聘会"
    REFERRAL = "referral", "推荐技能培训"
    RIGHTS = "rights", "维权宣传"
    EMPLOYMENT = "employment", "就业创业培训"
    LEADERS = "leaders", "基层工会负责人专题培训"
    LECTURE = "lecture", "宣讲学习"
    GUIDES = "guides", "导游（解说员）培训"
    HOTELS = "hotels", "宾馆酒店从业人员培训"
    TRAINING = "training", "其他培训"
    VOLUNTEERS = "volunteers", "志愿服务"
    SECONDED = "seconded", "抽调服务中心工作"
    VILLAGE = "village", "驻村走访"
    OTHER = "other", "其他活动"


class IndicatorGroup(TextChoices):
    """What an indicator counts as in figures."""

    ESSAYS = "essays", "征文"
    HANDBOOKS = "handbooks", "维权手册"
    RECRUITERS = "recruiters", "招聘企业"
    JOBS = "jobs", "就业岗位"
    REFERRED = "referred", "推荐参训"
    EMPLOYED = "employed", "实现就业"
    OTHER = "other", "其他成果"
