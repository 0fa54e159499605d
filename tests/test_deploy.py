"""The deployment of docs/deploy.md, typed word for word: as a user, in a folder and on a database of their own.

Needs root, PostgreSQL as Debian sets it up, and Debian's own Python. What can't be done on a machine that runs tests is
replaced, each in `replaced`: packages are taken from the virtual environment that runs the tests, and for want of
systemd the services are started here as their units say.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from pingtang_union import demo

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "deploy.md"
PACKAGES = Path(pytest.__file__).resolve().parents[1]
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RELEASE = (
    "manage.py", "Makefile", "README.md", "docs", "requirements.lock", "requirements-dev.lock", "pyproject.toml",
    ".env.example", "pingtang_union", "members", "awards", "campaigns", "relief", "templates", "static",
)  # fmt: skip
_INSTALL = "runuser -u {0} -- env HOME=/srv/{0} make install"


def blocks() -> dict[str, list[str]]:
    """The page's shell blocks by the heading they stand below."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0]
        found[heading] = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return found


def why_not() -> str:
    """Why it can't be typed here."""
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("runuser", "adduser", "deluser", "psql", "pg_dump", "curl", "openssl", "make"):
        if not shutil.which(tool, path=SYSTEM_PATH):
            return f"needs {tool}"
    version = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys, venv; print(sys.version_info[:2])"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    if version != str(sys.version_info[:2]):
        return "needs Debian's own Python of the version that runs the tests"
    if not all(os.stat(folder).st_mode & 0o005 == 0o005 for folder in (PACKAGES, *PACKAGES.parents)):
        return "needs packages that another user can read"
    asked = ["runuser", "-u", "postgres", "--", "psql", "-Atc", "SHOW port"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False, cwd="/")
    return "" if told.stdout.strip() == "5432" else "needs PostgreSQL on this machine, at port 5432"


@dataclass
class Machine:
    """Where the page is typed: another name for `portal`, and folders below one of our own."""

    name: str
    root: Path
    port: int
    services: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.root / "srv" / self.name

    def replaced(self, text: str) -> str:
        text = re.sub(r"\bportal(?=\b|_)", self.name, text)
        text = text.replace(_INSTALL.format(self.name), f"sh {self.root}/install {self.name} /srv/{self.name}")
        for folder in ("/srv/", "/etc/", "/backup", "/var/log/"):
            text = re.sub(rf"(?<![\w.]){re.escape(folder)}", f"{self.root}{folder}", text)
        text = text.replace("nginx -t", f"nginx -t -q -c {self.root}/nginx.conf")
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")

    def type(self, text: str) -> str:
        """Type a block; gives what it says. Stops at the first command that fails, as a person would."""
        shims = "apt-get() { :; }; systemctl() { :; };\n"
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", shims + self.replaced(text)],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd="/",
            env={"PATH": SYSTEM_PATH, "HOME": "/", "LANG": "C.UTF-8"},
        )  # fmt: skip
        assert run.returncode == 0, f"{text}\n{run.stdout}\n{run.stderr}"
        return run.stdout

    def start(self, service: str) -> None:
        """Start a service as its unit says."""
        unit = dict(
            line.split("=", 1)
            for line in (self.root / f"etc/systemd/system/{service}.service").read_text().splitlines()
            if "=" in line
        )
        name, _, value = unit["Environment"].partition("=")
        log = (self.root / f"{service}.log").open("ab")
        self.services[service] = subprocess.Popen(
            ["runuser", "-u", unit["User"], "--", *unit["ExecStart"].split()],
            cwd=unit["WorkingDirectory"], umask=int(unit["UMask"], 8), start_new_session=True,
            env={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8", name: value},
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        log.close()

    def log(self, service: str) -> str:
        return (self.root / f"{service}.log").read_text()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["runuser", "-u", self.name, "--", ".venv/bin/python", "manage.py", *arguments],
            cwd=self.home, env={"PATH": SYSTEM_PATH}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def clear(self) -> None:
        """Leave nothing: processes, databases, role, user, folder."""
        for process in self.services.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for statement in (
            f'DROP DATABASE IF EXISTS "{self.name}_drill" WITH (FORCE)',
            f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)',
            f'DROP ROLE IF EXISTS "{self.name}"',
        ):
            subprocess.run(
                ["runuser", "-u", "postgres", "--", "psql", "-qc", statement], check=False, cwd="/", capture_output=True
            )
        subprocess.run(["deluser", "--quiet", "--system", self.name], check=False, capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def release(path: Path) -> None:
    """The release as an archive, of the files that lie here."""

    def kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if "__pycache__" in member.name else member

    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name in RELEASE:
            archive.add(ROOT / name, f"portal/{name}", filter=kept)


@pytest.fixture
def machine() -> Iterator[Machine]:
    if reason := why_not():
        pytest.skip(reason)
    root = Path(tempfile.mkdtemp(prefix="deploy-", dir="/var/tmp"))
    root.chmod(0o755)
    machine = Machine(f"portal{os.getpid()}", root, free_port())
    try:
        for folder in (
            "srv", "etc/systemd/system", "etc/nginx/conf.d", "etc/cron.d", "etc/ssl/private", "var/log/nginx",
        ):  # fmt: skip
            (root / folder).mkdir(parents=True)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = " ".join(f"{kind}_temp_path {root}/nginx-{kind};" for kind in kinds)
        (root / "nginx.conf").write_text(
            f"pid {root}/nginx.pid; events {{}} http {{ {paths} include {root}/etc/nginx/conf.d/*.conf; }}"
        )
        release(root / "srv" / f"{machine.name}.tar.gz")
        (root / "install").write_text(
            'cd "$2"\n'
            'runuser -u "$1" -- python3 -m venv --without-pip .venv\n'
            f'echo "{PACKAGES}" > .venv/lib/python3.{sys.version_info[1]}/site-packages/packages.pth\n'
            "printf '#!%s\\nfrom gunicorn.app.wsgiapp import run\\nrun()\\n' \"$2/.venv/bin/python\""
            " > .venv/bin/gunicorn\n"
            "chmod 755 .venv/bin/gunicorn\n"
        )
        yield machine
    finally:
        machine.clear()


def wait_for(what: str, check) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if check():
            return
        time.sleep(0.2)
    pytest.fail(f"waited in vain for {what}")


def test_who_types_the_page_has_a_portal_that_answers_and_a_restore_that_opens_a_number(machine):
    page = blocks()
    said = []

    def type_(heading: str) -> str:
        found = next(texts for name, texts in page.items() if name.startswith(heading))
        for text in found:
            if "nginx -t" in text and not shutil.which("nginx", path=SYSTEM_PATH):
                continue
            said.append(machine.type(text))
        return said[-1]

    for heading in ("1.", "2.", "3."):
        type_(heading)
    assert type_("4.").endswith(f"{machine.name} 600\n")
    assert "DATA_KEY 正确" in type_("5.")
    assert type_("6.").count("首次登录密码：") == 3

    first, answers = next(texts for name, texts in page.items() if name.startswith("7."))
    machine.type(first)
    for service in (machine.name, f"{machine.name}-worker"):
        machine.start(service)
    assert machine.type(answers).endswith(" answers\n")
    wait_for("the worker", lambda: "the worker has started" in machine.log(f"{machine.name}-worker"))
    type_("8.")

    folder, import_ = next(texts for name, texts in page.items() if name.startswith("9."))
    machine.type(folder)
    for file in (Path(demo.__file__).parent / "ledgers").glob("*.xlsx"):
        shutil.copy(file, machine.home / "var" / "ledgers")
    for file in (machine.home / "var" / "ledgers").iterdir():
        shutil.chown(file, machine.name, machine.name)
    assert "已写入" in machine.type(import_)

    type_("10.")
    restored, databases = drilled(machine, page)
    assert "已打开一个证件号作为证明" in restored
    assert "unions.total" in restored
    assert databases == [other_machine(machine).name]

    assert owners(machine) == {machine.name}
    assert (machine.home / "var").stat().st_mode & 0o777 == 0o700
    assert_server_logs_no_row(machine)
    assert_a_wrong_key_starts_nothing(machine)


def other_machine(machine: Machine) -> Machine:
    """Another machine: a user, a folder, a role and a database of its own."""
    return Machine(f"{machine.name}b", machine.root / "other", machine.port)


def drilled(machine: Machine, page: dict[str, list[str]]) -> tuple[str, list[str]]:
    """Type the drill on another machine, to which only the dump and the key of the safe are brought; gives what it says
    and which databases are left there."""
    other = other_machine(machine)
    (other.root / "srv").mkdir(parents=True)
    for folder in (other.root, other.root / "srv"):
        folder.chmod(0o755)
    shutil.copy(machine.root / "install", other.root / "install")
    try:
        release(other.root / "srv" / f"{other.name}.tar.gz")
        for heading in ("1.", "2.", "3."):
            for text in next(texts for name, texts in page.items() if name.startswith(heading)):
                other.type(text)
        [dump] = (machine.root / "backup").glob("*.dump")
        shutil.copy(dump, other.root / "srv" / f"{other.name}.dump")
        key = re.search(r"^DATA_KEY=(.*)$", (machine.home / ".env").read_text(), re.MULTILINE)[1]

        keys, drill, end = page["Restore"]
        other.type(keys.replace("DATA_KEY=KEY", f"DATA_KEY={key}"))
        assert "export" not in drill
        told = other.type(drill)
        other.type(end)
        asked = "SELECT datname FROM pg_database WHERE datname LIKE 'portal%'"
        left = other.type(f'runuser -u postgres -- psql --no-psqlrc -Atc "{asked}"')
        assert not (other.root / "srv" / f"{other.name}.dump").exists()
        return told, left.split()
    finally:
        other.clear()


def owners(machine: Machine) -> set[str]:
    """Who owns what the portal writes or reads."""
    paths = [machine.home, machine.home / ".env", machine.home / "staticfiles", *(machine.home / "var").rglob("*")]
    return {path.owner() for path in paths}


def assert_server_logs_no_row(machine: Machine) -> None:
    text = machine.type(
        "url=$(sed -n 's/^DATABASE_URL=//p' /srv/portal/.env)\n"
        'psql --no-psqlrc -At "$url" -c "SHOW log_error_verbosity" -c "SHOW log_min_error_statement"'
    )
    assert text.split() == ["terse", "panic"]


def assert_a_wrong_key_starts_nothing(machine: Machine) -> None:
    settings = machine.home / ".env"
    settings.write_text(re.sub(r"DATA_KEY=.*", "DATA_KEY=" + "0f" * 32, settings.read_text()))
    for command in (("migrate",), ("import_ledgers", "x.xlsx"), ("worker",)):
        refused = machine.manage(*command)
        assert (refused.returncode, "DATA_KEY 打不开" in refused.stderr) == (3, True)
    os.killpg(machine.services[machine.name].pid, signal.SIGTERM)
    machine.services[machine.name].wait(timeout=60)
    machine.start(machine.name)
    assert machine.services[machine.name].wait(timeout=60) != 0
    assert "DATA_KEY 打不开" in machine.log(machine.name)
    with pytest.raises(OSError, match="refused"):
        urlopen(Request(f"http://127.0.0.1:{machine.port}/login/"), timeout=5)


# --- What the page says, without a machine ---


def test_every_command_of_ours_says_for_whom_it_runs():
    lines = [line for texts in blocks().values() for text in texts for line in text.splitlines()]
    ours = [line for line in lines if re.match(r"(/srv/portal/)?(\.venv/|manage\.py|make |pg_|createdb|dropdb)", line)]
    assert ours == []


def test_units_let_children_finish_and_start_again():
    [text, _answers] = next(texts for name, texts in blocks().items() if name.startswith("7."))
    server, worker = re.findall(r"\[Unit\].*?(?=EOF)", text, re.DOTALL)
    for unit in (server, worker):
        for line in (
            "KillMode=mixed",
            "Restart=always",
            "RestartSec=5",
            "Environment=PYTHONUNBUFFERED=1",
            "UMask=0077",
        ):
            assert line in unit.splitlines()
    assert "ExecReload=/bin/kill -HUP $MAINPID" in server


def test_the_proxys_log_holds_no_query():
    [text] = next(texts for name, texts in blocks().items() if name.startswith("8."))
    [log_format] = re.findall(r"log_format .*", text)
    assert re.findall(r"\$(?:request|args|query_string|request_uri|http_referer)\b", log_format) == []
    assert "access_log /var/log/nginx/portal.log portal;" in text


def test_readme_leads_to_the_page():
    assert "docs/deploy.md" in (ROOT / "README.md").read_text()
