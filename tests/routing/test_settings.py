"""Settings that hold more than one value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from routing.settings import Settings


def test_the_call_files_are_our_own_nodes_unless_folders_are_named() -> None:
    own = Settings(_env_file=None, var_dir=Path("/srv/hotline"), node="a")
    assert own.call_files == {"a": Path("/srv/hotline/asterisk/log/cel-custom")}
    several = Settings(_env_file=None, call_folders="a=/srv/calls/a, b=/srv/calls/b")
    assert several.call_files == {"a": Path("/srv/calls/a"), "b": Path("/srv/calls/b")}


@pytest.mark.parametrize("folders", ["/srv/calls", "a=calls", "=/srv/calls", "a=/srv/a,b"])
def test_call_folders_that_name_no_node_or_no_place_are_refused(folders: str) -> None:
    with pytest.raises(ValidationError, match="call_folders"):
        Settings(_env_file=None, call_folders=folders)
