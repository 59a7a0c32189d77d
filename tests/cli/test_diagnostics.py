"""Tests that a diagnostics bundle is useful and contains nothing private, whatever the log and the ledger contain."""

from __future__ import annotations

import json
import platform
import secrets
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from gramarye.cli.diagnostics_bundle import TAIL_BYTES, diagnostics_files
from gramarye.daemon.store.ledger import Entry, Ledger
from gramarye_protocol.connection import ConnectionInfo, write_connection
from support.homes import Home

JOB = "0123456789ab"


@dataclass(frozen=True)
class PlantedSecrets:
    """The secrets hidden in a home, and the files of the bundle made there."""

    secrets: dict[str, str]
    members: dict[str, str]


def _log_lines(secrets: dict[str, str]) -> list[str]:
    """Return log lines that leak more than any line that the daemon writes."""
    texts = [f"it said {secret} once" for secret in secrets.values()]
    texts += [
        f"cannot read {secrets['path']}/a {secrets['picture']}",
        f"[Errno 2] '{secrets['home']}/x.png'; user={secrets['user']}, key={secrets['key']}",
        f"{secrets['title'].upper()} and {secrets['style']}.png",
    ]
    lines = [json.dumps({"level": "info", "message": text, "job": JOB, "traceback": text}) for text in texts]
    return [*lines, *texts, "no JSON {", json.dumps(texts)]


def _plant_secrets(home: Home) -> dict[str, str]:
    user = f"annabella{secrets.token_hex(3)}"
    planted = {
        "user": user,
        "home": str(home.root / "homes" / f"{user}-s-home"),
        "path": f"/srv/{secrets.token_hex(4)} clients/{secrets.token_hex(4)}",
        "title": f"Wedding of {secrets.token_hex(4)} in swirls",
        "picture": f"{secrets.token_hex(4)} portrait.kra",
        "key": secrets.token_hex(32),
        "style": f"style-of-{secrets.token_hex(4)}",
        "gone": f"an older title {secrets.token_hex(4)}",
    }
    Path(planted["home"]).mkdir(parents=True)
    write_connection(ConnectionInfo("tcp://127.0.0.1:9", planted["key"], 1), str(home.connection_file))
    state = home.root / "state"
    (state / "logs").mkdir(parents=True)
    ledger = Ledger(state / "jobs.sqlite")
    ledger.add(Entry(JOB, planted["title"], "failed", {}, 1.0, code="worker-died", message=f"at {planted['path']}"))
    ledger.add(Entry("j2", planted["title"], "done", {}, 1.0))
    ledger.close()
    aside = state / "set-aside" / "2026-01-01T00-00-00"
    aside.mkdir(parents=True)
    older = Ledger(aside / "jobs.sqlite")
    older.add(Entry("j3", planted["gone"], "done", {}, 1.0))
    older.close()
    (state / "spool" / JOB).mkdir(parents=True)
    (state / "spool" / JOB / "result").write_bytes(planted["user"].encode() * 100)
    styles = home.root / "data" / "styles"
    styles.mkdir(parents=True)
    (styles / f"{planted['style']}.png").write_bytes(b"")
    lines = "\n".join(_log_lines(planted)) + "\n"
    (state / "logs" / "daemon.log").write_text(lines, encoding="utf-8")
    (home.root / "runtime" / "daemon.log").write_text(lines, encoding="utf-8")
    return planted


@pytest.fixture
def planted(home: Home, tmp_path: Path) -> PlantedSecrets:
    hidden = _plant_secrets(home)
    environ = {
        **home.environ,
        "HOME": hidden["home"],
        "USER": hidden["user"],
        "LOGNAME": hidden["user"],
        "GRAMARYE_NOTE": f"{hidden['path']}/for {hidden['user']}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "gramarye", "diagnostics", "-o", str(tmp_path / "out.zip")],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        members = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    return PlantedSecrets(hidden, members)


def test_nothing_that_was_planted_is_in_the_bundle(planted: PlantedSecrets) -> None:
    parts = dict(planted.secrets)
    parts |= {f"{name}'s part": part for name in ("path", "title", "gone") for part in planted.secrets[name].split()}
    parts["path's end"] = planted.secrets["path"].split("/")[-1]
    if len(platform.node()) > 3:
        parts["machine"] = platform.node()
    harmless = {"of", "in", "an", "older", "title", "swirls", "clients", "Wedding"}
    for member, text in planted.members.items():
        for name, secret in parts.items():
            if secret not in harmless:
                assert secret.casefold() not in text.casefold(), (member, name)
    assert planted.members.keys() == {
        "README.txt",
        "versions.json",
        "doctor.json",
        "settings.json",
        "jobs.json",
        "log.jsonl",
        "stderr.txt",
    }


def test_the_bundle_contains_what_a_bug_report_needs(planted: PlantedSecrets) -> None:
    jobs = json.loads(planted.members["jobs.json"])
    assert jobs["states"] == {"done": 1, "failed": 1}
    assert jobs["codes"] == {"worker-died": 1}
    assert jobs["set_aside"] == 1
    assert json.loads(planted.members["versions.json"])["libraries"]["torch"]
    findings = {finding["what"]: finding["verdict"] for finding in json.loads(planted.members["doctor.json"])}
    assert findings["jobs"] == "note"
    assert findings["torch"] == "ok"
    assert "GRAMARYE_STATE_DIR" in json.loads(planted.members["settings.json"])
    lines = [json.loads(line) for line in planted.members["log.jsonl"].splitlines()]
    assert lines[0]["job"] == JOB
    assert lines[0]["message"] == "it said <user> once"
    assert "it said <title> once" in planted.members["stderr.txt"]


def test_only_the_end_of_a_long_log_is_included(home: Home) -> None:
    logs = home.root / "state" / "logs"
    logs.mkdir(parents=True)
    line = json.dumps({"message": "x" * 1000})
    (logs / "daemon.log").write_text(f"{line}\n" * 1000 + '{"message": "the last"}\n', encoding="utf-8")
    members = diagnostics_files()
    lines = [json.loads(line) for line in members["log.jsonl"].splitlines()]
    assert lines[-1] == {"message": "the last"}
    assert len(members["log.jsonl"]) <= TAIL_BYTES
    assert len(lines) > 200


def test_an_output_that_cannot_be_written_is_an_error(home: Home, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gramarye", "diagnostics", "-o", str(tmp_path / "no such folder" / "out.zip")],
        env=home.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "output-failed" in done.stderr
    assert "Traceback" not in done.stderr
