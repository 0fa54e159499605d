"""Unfold's settings: titles, colours, the sidebar by work."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def title(request: HttpRequest) -> str:
    """Title of the browser's tab."""
    return f"{settings.FEDERATION_NAME}工会服务门户"


def header(request: HttpRequest) -> str:
    """First line of the sidebar."""
    return settings.FEDERATION_NAME


def site_url(request: HttpRequest) -> str:
    """Where "view site" leads: the dashboard for whoever may see it."""
    return "/dashboard/" if request.user.has_perm("members.view_dashboard") else "/"


def _may(*permissions: str) -> Callable[[HttpRequest], bool]:
    """A permission callback: any of `permissions` shows the item."""

    def allowed(request: HttpRequest) -> bool:
        return any(request.user.has_perm(permission) for permission in permissions)

    return allowed


def _item(name: str, icon: str, model: str) -> dict[str, Any]:
    app, _, model_name = model.partition(".")
    return {
        "title": name,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model_name}_changelist"),
        "permission": _may(f"{app}.view_{model_name}", f"{app}.change_{model_name}"),
    }


def _page(name: str, icon: str, route: str, permission: str) -> dict[str, Any]:
    """A page of the portal outside the admin."""
    return {"title": name, "icon": icon, "link": reverse_lazy(route), "permission": _may(permission)}


def _group(name: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": name, "separator": True, "items": list(items)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": title,
    "SITE_HEADER": header,
    "SITE_SUBHEADER": "工会服务门户 业务管理",
    "SITE_URL": site_url,
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}],
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin.js")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "THEME": None,  # follows the system
    "BORDER_RADIUS": "6px",
    "ACCOUNT": {"navigation": [{"title": "修改密码", "link": reverse_lazy("password_change")}]},
    "COLORS": {
        "primary": {  # union red; 600 is the brand colour of static/css/portal.css
            "50": "#fdf3f2",
            "100": "#fbe4e2",
            "200": "#f7cdc9",
            "300": "#efa9a3",
            "400": "#e3776e",
            "500": "#d14d44",
            "600": "#a61b1b",
            "700": "#8c1717",
            "800": "#741717",
            "900": "#611818",
            "950": "#350909",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            _group(
                "组织",
                _item("工会", "account_tree", "members.union"),
                _item("届期规定", "event_repeat", "members.termrule"),
            ),
            _group(
                "干部",
                _item("工会干部", "badge", "members.cadre"),
                _item("培训班", "school", "members.training"),
                _item("参训记录", "how_to_reg", "members.attendance"),
            ),
            _group(
                "会员",
                _item("会员", "group", "members.member"),
                _item("会籍事项", "history_edu", "members.membershipevent"),
                _item("转会申请", "move_up", "members.transferrequest"),
            ),
            _group(
                "荣誉",
                _item("荣誉称号", "workspace_premium", "awards.honour"),
                _item("评选推荐", "how_to_vote", "awards.selectionround"),
                _item("荣誉推荐", "assignment_turned_in", "awards.nomination"),
                _item("获奖记录", "military_tech", "awards.award"),
                _item("星级自评", "stars", "awards.scorecard"),
                _item("星级评定标准", "rule", "awards.starscheme"),
                _item("公示期规定", "timer", "core.publicityrule"),
            ),
            _group(
                "台账",
                _page("导入台账", "upload_file", "ledgers", "core.add_importbatch"),
                _page("模板与导出", "download", "giving", "core.export_importbatch"),
                _item("台账收报通知", "campaign", "core.ledgercall"),
                _item("台账收报", "inbox", "core.ledgerreturn"),
                _item("台账导入批次", "inventory_2", "core.importbatch"),
                _item("台账导入明细", "table_rows", "core.importrow"),
                _item("表头对应关系", "table_view", "core.headerchoice"),
            ),
            _group(
                "账号与权限",
                _item("账号", "manage_accounts", "members.user"),
                _item("角色", "shield_person", "auth.group"),
            ),
            _group(
                "审计",
                _item("操作记录", "policy", "auditlog.logentry"),
                _item("登录记录", "login", "axes.accesslog"),
                _item("登录失败记录", "report", "axes.accessfailurelog"),
                _item("登录失败计数", "lock_clock", "axes.accessattempt"),
            ),
        ],
    },
}
