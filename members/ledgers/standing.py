"""Words of rosters for who is a member, a cadre or a union still, and for who no longer is."""

from members.models.codes import MemberStatus
from pingtang_union.core.cleaning import partial_date
from pingtang_union.ledger.declaration import Column
from pingtang_union.ledger.outcome import RowOutcome
from pingtang_union.ledger.standing import Standing, gone_if_filled

# --- Members -------------------------------------------------------------------------------

ACTIVE, RETAINED, JOINED = MemberStatus.ACTIVE.value, MemberStatus.RETAINED.value, "joined"
_MEMBERS = {
    ACTIVE: (
        "在会 正常 有效 在册 在籍 会员 正式会员 会员在册 正常会员 正常在会 有效会员 在职 在岗 在编 启用 激活 "
        "已激活 已认证 恢复 恢复会籍 已恢复 内退 病休 病假 产假 待岗 借调 外派 试用 试用期 返聘 "
        "无变化 未变化 没有变化 不变 active normal valid"
    ),
    JOINED: "入会 转入 已入会 新入会 已转入 新增 新加入 新发展 接转 转接 调入 接收 加入 加入工会 会籍转入 joined",
    RETAINED: "保留 保留会籍 会籍保留 已保留 退休 已退休 离退休 退休保留 retained",
}
_MEMBERS_GONE = (
    "退会|转出|除名|注销|死亡|停止|离会|转会|调出|调离|开除|去世|病故|亡故|已故|身故|中止|终止|暂停|冻结|停用|"
    "失效|无效|离职|辞职|辞退|解聘|解除|迁出|未入会|非会员|不在会|不在职|不在岗|取消|删除|减少|离开|转走|"
    "left|quit|inactive"
)
STANDING = Column(
    "standing",
    "会籍状态",
    Standing(
        _MEMBERS,
        _MEMBERS_GONE,
        {ACTIVE: MemberStatus.ACTIVE.label, RETAINED: MemberStatus.RETAINED.label},
    ),
    (
        "会员状态 会籍情况 在会情况 在会状态 人员状态 入会状态 会籍 是否在会 是否会员 会员在会情况 状态 "
        "目前会籍状态 现会籍状态 TRADE_STATUS MEMBER_STATUS USER_STATUS"
    ),
    note="不填按在会登记。已经退会、转出、除名的不填在花名册里。",
)
# What a roster may say of the last change, and of leaving. Read only: the records keep changes as events.
CHANGE = Column(
    "change",
    "会籍变化类型",
    Standing(_MEMBERS, _MEMBERS_GONE),
    (
        "会籍变化 会籍变动 会籍变动类型 会籍变更 会籍变更类型 会籍变化情况 会籍变动情况 会籍异动 变动类型 "
        "变化类型 变更类型 异动类型 会籍变化类别 会员变动 会员变动情况 会籍变化原因 会籍变动原因"
    ),
)
CHANGED_ON = Column(
    "changed_on",
    "会籍变化日期",
    partial_date(),
    (
        "会籍变化时间 会籍变动日期 会籍变动时间 会籍变更日期 会籍变更时间 会籍异动时间 变动日期 变动时间 "
        "变化日期 变化时间 变更日期 变更时间 异动时间"
    ),
)
HAS_LEFT = Column(
    "has_left",
    "是否退会",
    Standing(_MEMBERS, _MEMBERS_GONE, says_gone=True),
    "是否已退会 是否离会 是否转出 是否除名 是否注销 是否离职",
)
LEFT = Column(
    "left",
    "退会时间",
    gone_if_filled,
    (
        "退会日期 离会时间 离会日期 转出时间 转出日期 除名时间 除名日期 注销时间 注销日期 死亡时间 死亡日期 "
        "去世时间 会籍停止时间 退会原因 离会原因 转出原因 除名原因 转出单位 转往单位 转往工会 转出工会"
    ),
)


def take_standing(row: RowOutcome) -> None:
    """The day of a 入会 or 转入 kept for whoever is new (`take_joining`), and one standing for what two columns say."""
    values = row.values
    if JOINED in (values.get("change"), values.get("standing")) and "changed_on" in values:
        values["came_on"] = values["changed_on"]
    if RETAINED in (values.get("change"), values.get("standing")):
        values["standing"] = RETAINED
    elif values.get("standing") == JOINED:
        values["standing"] = ACTIVE


def take_joining(row: RowOutcome) -> bool:
    """A new member without a joining date joined on the day of the change; gives whether it was taken. Of a member
    already known the day says when she came here, not when she joined."""
    if "came_on" in row.values and not row.values.get("joined_on"):
        row.values["joined_on"] = row.values["came_on"]
        return True
    return False


def compare_standing(row: RowOutcome, status: str) -> None:
    """A roster changes no standing: what contradicts the record is told, with the act that changes it."""
    standing, label = row.values.get("standing"), STANDING.label
    if standing == RETAINED and status == MemberStatus.ACTIVE:
        row.warn(label, f"{label}：登记的是「在会」，本行是保留会籍。花名册不改会籍，请在会员页面办理「保留会籍」。")
    elif standing == ACTIVE and status == MemberStatus.RETAINED:
        row.warn(label, f"{label}：登记的是「保留会籍」，本行是在会。花名册不改会籍，请在会员页面办理「恢复会籍」。")


def refuse_undated_retention(row: RowOutcome) -> None:
    """Who comes in as retained needs the day since when: it lies behind the joining."""
    on, joined = row.values.get("changed_on"), row.values.get("joined_on")
    if not on:
        text_ = "保留会籍（退休）的，请加一列「会籍变化日期」，写明保留的起始时间。"
        row.reject(STANDING.label, f"{STANDING.label}：{text_}")
    elif joined and on[: len(joined)] < joined[: len(on)]:
        row.reject(CHANGED_ON.label, f"{CHANGED_ON.label} {on} 早于入会时间 {joined}，请核对。")


# --- Cadres and unions ----------------------------------------------------------------------

IN_PLACE = "present"
_CADRES = {
    IN_PLACE: (
        "在职 在任 现任 在岗 任职 任职中 正常 在编 在册 聘用 聘用中 续聘 留任 连任 新任 挂职 兼职 专职 有效 active"
    )
}
_CADRES_GONE = (
    "离任|卸任|免职|离职|退休|调离|离岗|不在|前任|原任|曾任|已免|去职|辞|调出|调走|解聘|撤职|罢免|停职|开除|"
    "解除|到期|期满|死亡|去世|病故|亡故|已故|落选|注销|停用|无效|离开|历任|退职|退二线|已退|退出"
)
IN_POST = Column(
    "in_post",
    "在职状态",
    Standing(_CADRES, _CADRES_GONE),
    (
        "任职状态 在任状态 在职情况 在岗状态 在岗情况 任职情况 人员状态 是否在职 是否在任 是否现任 是否在岗 "
        "状态 在职与否 干部状态 聘用状态"
    ),
)
OUT_OF_POST = Column(
    "out_of_post",
    "是否离任",
    Standing(_CADRES, _CADRES_GONE, says_gone=True),
    "是否已离任 是否离职 是否卸任 是否免职 是否离岗",
)

_UNIONS = {
    IN_PLACE: (
        "正常 存续 运行 正常运行 运转 正常运转 已建 已建会 已成立 成立 在册 有效 启用 保留 换届 已换届 active normal"
    )
}
_UNIONS_GONE = (
    "撤销|注销|解散|停用|筹备|筹建|合并|撤并|并入|终止|中止|停止|暂停|关闭|破产|停业|歇业|倒闭|吊销|删除|锁定|"
    "失效|无效|未建|不存在|待建|待撤|拟|空壳|inactive"
)
EXISTENCE = Column(
    "existence",
    "工会状态",
    Standing(_UNIONS, _UNIONS_GONE),
    "状态 组织状态 工会组织状态 运行状态 存续状态 建会状态 是否存续 是否正常 是否有效",
)
DISSOLVED = Column(
    "is_dissolved",
    "是否撤销",
    Standing(_UNIONS, _UNIONS_GONE, says_gone=True),
    "是否已撤销 是否注销 是否解散 是否撤并 是否停用",
)
DISSOLVED_ON = Column(
    "is_dissolved_on",
    "撤销时间",
    gone_if_filled,
    "撤销日期 注销时间 注销日期 解散时间 解散日期 撤销文号 撤销原因 注销原因",
)
