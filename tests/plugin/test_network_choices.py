"""The networks as the editors offer them."""

from __future__ import annotations

import pytest

from gramarye.weights import store
from gramarye.weights.manifest import manifest
from gramarye_plugin.network_choices import DRAFT, FULL, NONE_INSTALLED, QUICK, VGG19_PREFIX, network_choices


@pytest.mark.parametrize(
    ("installed", "offered"),
    [
        (("vgg19-8bit", "draft"), [("", FULL), ("draft", QUICK)]),
        (("draft",), [("", QUICK)]),
        (
            ("vgg19-keras", "vgg19-8bit", "mine", "draft", "shallow"),
            [("", FULL), ("draft", QUICK), *((name, name) for name in ("vgg19-8bit", "mine", "shallow"))],
        ),
        (("mine", "draft"), [("", "mine"), ("draft", QUICK)]),
        (("vgg19-8bit",), [("", FULL)]),
        ((), [("", NONE_INSTALLED)]),
    ],
)
def test_full_and_quick_come_first_and_other_networks_under_their_names(
    installed: tuple[str, ...], offered: list[tuple[str, str]]
) -> None:
    assert network_choices(installed) == offered


def test_every_published_network_is_full_and_the_draft_is_quick() -> None:
    assert [network.name for network in manifest() if not network.name.startswith(VGG19_PREFIX)] == []
    assert DRAFT == store.DRAFT
