"""Names of the roles. What each may do is granted by migrations and GRANTS of portal.py (core.grants), row scope by
the union node."""

ORGANISATION = "县总工会组织"
ECONOMY = "县总工会经济技术与宣教"
RELIEF = "县总工会帮扶"
FINANCE = "财务"
TOWNSHIP = "乡镇工会"
GRASSROOTS = "基层工会"
LEADER = "领导"
SYSTEM_ADMIN = "系统管理员"
SECURITY_ADMIN = "安全管理员"
AUDITOR = "审计员"

ALL = (ORGANISATION, ECONOMY, RELIEF, FINANCE, TOWNSHIP, GRASSROOTS, LEADER, SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)
# Roles that work in the admin. Officers and leaders never do.
STAFF = {ORGANISATION, ECONOMY, RELIEF, FINANCE, SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR}
# Accounts, permissions, audit: three people, none with two of them (等保 2.0, 三员分立).
SEPARATED = {SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR}
# Roles of one union with those below it; all others serve a whole county.
BELOW_COUNTY = {TOWNSHIP, GRASSROOTS}
