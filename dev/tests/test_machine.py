"""What the scripts say when something cannot be had."""

import socket

import pytest

from room import debian, machine, odoo, places
from room.say import Missing, complain


def test_a_taken_port_is_named_with_its_remedy():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        with pytest.raises(Missing) as caught:
            machine.need_port(port, "Odoo", "ODOO_PORT")
    assert f"Port {port}, for Odoo, is taken" in caught.value.problem
    assert "ODOO_PORT=" in caught.value.remedy


def test_a_free_port_is_no_problem():
    machine.need_port(machine.free_port(), "Odoo", "ODOO_PORT")


def test_too_little_disk_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("QBO_SYNC_HOME", str(tmp_path / "not" / "yet"))
    machine.need_disk(1, "a test")
    with pytest.raises(Missing, match="Not enough disk space for the moon"):
        machine.need_disk(10**12, "the moon")


def test_a_failing_command_shows_its_last_lines(monkeypatch, tmp_path):
    monkeypatch.setenv("QBO_SYNC_HOME", str(tmp_path))
    with pytest.raises(Missing) as caught:
        machine.run(["sh", "-c", "echo first; echo the reason; exit 3"], "probe", problem="It failed")
    assert caught.value.problem == "It failed"
    assert "| the reason" in caught.value.remedy
    assert "the reason" in (tmp_path / "logs" / "probe.log").read_text()


def test_complaint_goes_to_stderr(capsys):
    assert complain(Missing("No Odoo", "Get one\nor two")) == 2
    assert capsys.readouterr().err == "\n✗ No Odoo\n  Get one\n  or two\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version_info = (19, 0, 0, FINAL, 0, '')", True),
        ("version_info = (18, 0, 0, FINAL, 0, '')", False),
        ("version_info = ('saas~19', 2, 0, FINAL, 0, '')", False),
        ("", False),
    ],
)
def test_only_series_19_0_is_odoo_19(text, expected):
    assert odoo.is_series(text) is expected


def test_odoo_home_may_be_a_source_tree_or_an_unpacked_package(tmp_path):
    for folder in ("tree", "package/usr/lib/python3/dist-packages"):
        release = tmp_path / folder / "odoo" / "release.py"
        release.parent.mkdir(parents=True)
        release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    assert odoo.from_home(str(tmp_path / "tree")) == tmp_path / "tree"
    assert odoo.from_home(str(tmp_path / "package")).name == "dist-packages"
    with pytest.raises(Missing, match="does not hold Odoo 19"):
        odoo.from_home(str(tmp_path))


def test_debian_archive_is_the_machines_own(monkeypatch):
    listing = "NodeSource https://node.example/x\nDebian http://mirror.example/debian-security\nDebian http://mirror.example/debian/\n"
    monkeypatch.setattr(debian.subprocess, "run", lambda *_, **__: type("Done", (), {"stdout": listing}))
    assert debian.archive() == "http://mirror.example/debian/"


def test_home_is_outside_the_repository(monkeypatch):
    monkeypatch.delenv("QBO_SYNC_HOME", raising=False)
    assert places.ROOT not in places.home().parents
