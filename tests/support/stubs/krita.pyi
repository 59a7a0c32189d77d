from typing import Any

def __getattr__(name: str) -> Any: ...  # Krita's module, which exists only inside Krita
