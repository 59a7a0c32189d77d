"""Regions, a mix, and going on from the last painting, as a script asks GIMP's procedure for them."""

from __future__ import annotations

from typing import Any

import pytest

from editors.gimp.conftest import Gimp
from gramarye_protocol.messages import JobList, JobSummary, Status
from support.peers import Peer

pytestmark = pytest.mark.gimp

EXPECTED_MESSAGES = {
    "missing": "no layer 'nowhere'",
    "empty": "bare shows nothing where the painted layer is",
    "style": "Known styles: charcoal",
    "file": "Choose another picture",
    "weight": "weight is above 0",
    "no JSON": "Write them like [{",
    "second": "Known styles: charcoal",
}


@pytest.fixture(scope="module")
def results(bare_gimp: Gimp, _daemon: None) -> dict[str, Any]:
    findings: dict[str, Any] = bare_gimp.run("artists", folder=bare_gimp.inside(bare_gimp.place))
    return findings


def test_a_region_is_painted_inside_its_layers_alpha_alone_though_it_is_hidden(results: dict[str, Any]) -> None:
    assert results["regions"]["rest is the layer"]
    assert results["regions"]["by number"]
    assert results["regions"]["changed"] > 5


def test_the_rest_is_painted_in_the_main_style(results: dict[str, Any]) -> None:
    left, right = results["regions"]["left"], results["regions"]["right"]
    assert left[0] - left[2] > right[0] - right[2] + 20
    assert results["regions"]["title"] == "Gramarye blue paper + red paper, strength 100"


def test_a_group_is_a_region_as_it_shows(results: dict[str, Any]) -> None:
    assert results["group"] == {"hidden half is the layer": True, "shown half differs": True, "images left": 0}


def test_a_mix_lies_between_its_styles(results: dict[str, Any]) -> None:
    mix = results["mix"]
    reds = [mix[percent]["mean"][0] - mix[percent]["mean"][2] for percent in ("0", "50", "100")]
    assert reds[0] > reds[1] > reds[2]
    assert mix["50"]["title"] == "Gramarye red paper + blue paper, strength 100"
    assert mix["0"]["title"].startswith("Gramarye red paper, strength")


def test_painting_again_goes_on_with_a_quarter_of_the_steps(results: dict[str, Any], gimp: Gimp) -> None:
    jobs = [job for job in _jobs(gimp) if job.title.startswith("Gramarye swirls")]
    place = [job.job for job in jobs].index(results["go on"]["job"])
    first, second = jobs[place - 1], jobs[place]
    assert first.total == 24
    assert 0 < second.total <= 6
    assert (results["go on"]["persistent"], results["go on"]["undo"]) == (False, False)


def test_what_cannot_be_gone_on_from_is_painted_afresh_and_said(results: dict[str, Any], gimp: Gimp) -> None:
    assert results["go on"]
    assert "There is no job 'no-such-job' to continue, or no longer. The layer is painted from the start." in gimp.log()


@pytest.mark.parametrize("what", EXPECTED_MESSAGES)
def test_what_cannot_be_painted_is_said(results: dict[str, Any], what: str) -> None:
    assert EXPECTED_MESSAGES[what] in results["complaints"][what]
    assert "made a mistake" not in results["complaints"][what]


def _jobs(gimp: Gimp) -> tuple[JobSummary, ...]:
    with Peer(gimp.home) as peer:
        listed = peer.ask(Status())
    assert isinstance(listed, JobList)
    return listed.jobs
