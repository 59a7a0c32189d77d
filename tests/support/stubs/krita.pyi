from typing import Any

def __getattr__(name: str) -> Any: ...  # an editor's, not installed here
