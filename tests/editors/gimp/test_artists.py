"""Regions, mixed styles and continuing the last painting, by GIMP's procedure from a script."""

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
    "file": "There is no file /nowhere/none.png",
    "nothing selected": "Nothing is selected, but the selection is a region.",
    "no channel": "no channel 'hair'",
    "no mask": "no layer 'layer' with a mask",
    "weight": "weight must be above 0",
    "no JSON": "Write them like [{",
    "second": "Known styles: charcoal",
}


@pytest.fixture(scope="module")
def results(bare_gimp: Gimp, _daemon: None) -> dict[str, Any]:
    findings: dict[str, Any] = bare_gimp.run("artists", folder=bare_gimp.inside(bare_gimp.place))
    return findings


def test_a_region_is_painted_only_inside_its_layers_alpha_even_if_hidden(results: dict[str, Any]) -> None:
    assert results["regions"]["rest is the layer"]
    assert results["regions"]["by number"]
    assert results["regions"]["changed"] > 5


def test_the_rest_is_painted_in_the_main_style(results: dict[str, Any]) -> None:
    left, right = results["regions"]["left"], results["regions"]["right"]
    assert left[0] - left[2] > right[0] - right[2] + 20
    assert results["regions"]["title"] == "Gramarye blue paper + red paper, strength 100"


def test_a_group_as_region_uses_its_visible_alpha(results: dict[str, Any]) -> None:
    assert results["group"] == {"hidden half is the layer": True, "shown half differs": True, "images left": 0}


def test_several_layers_and_groups_are_painted_each_above_its_own(results: dict[str, Any]) -> None:
    layers = results["several"]["layers"]
    assert layers[1::2] == ["group", "second", "first"]
    assert all(name.startswith("Gramarye swirls, strength 60") for name in layers[0::2])
    assert results["several"]["last"] == layers[0]
    assert results["several"]["size"] == [36, 30]


def test_blend_mode_and_opacity_are_taken_over_if_that_is_wanted(results: dict[str, Any]) -> None:
    assert results["blending"] == [[100, False], [40, True]]


@pytest.mark.parametrize("kind", ["selection", "channel", "mask"])
def test_the_selection_a_channel_and_a_layer_mask_are_regions(results: dict[str, Any], kind: str) -> None:
    is_painted_inside, is_the_layer_outside = results["masks"][kind]
    assert is_painted_inside
    assert is_the_layer_outside


def test_a_mix_lies_between_its_styles(results: dict[str, Any]) -> None:
    mix = results["mix"]
    reds = [mix[percent]["mean"][0] - mix[percent]["mean"][2] for percent in ("0", "50", "100")]
    assert reds[0] > reds[1] > reds[2]
    assert mix["50"]["title"] == "Gramarye red paper + blue paper, strength 100"
    assert mix["0"]["title"].startswith("Gramarye red paper, strength")


def test_painting_again_continues_with_a_quarter_of_the_steps(results: dict[str, Any], gimp: Gimp) -> None:
    jobs = [job for job in _jobs(gimp) if job.title.startswith("Gramarye swirls")]
    place = [job.job for job in jobs].index(results["go on"]["job"])
    first, second = jobs[place - 1], jobs[place]
    assert first.total == 24
    assert 0 < second.total <= 6
    assert (results["go on"]["persistent"], results["go on"]["undo"]) == (False, False)


def test_a_job_that_cannot_be_continued_is_painted_from_the_start_with_a_message(
    results: dict[str, Any], gimp: Gimp
) -> None:
    assert results["go on"]
    assert "There is no job 'no-such-job' to continue, or no longer. The layer is painted from the start." in gimp.log()


@pytest.mark.parametrize("what", EXPECTED_MESSAGES)
def test_invalid_arguments_are_reported(results: dict[str, Any], what: str) -> None:
    assert EXPECTED_MESSAGES[what] in results["complaints"][what]
    assert "made a mistake" not in results["complaints"][what]


def _jobs(gimp: Gimp) -> tuple[JobSummary, ...]:
    with Peer(gimp.home) as peer:
        listed = peer.ask(Status())
    assert isinstance(listed, JobList)
    return listed.jobs
