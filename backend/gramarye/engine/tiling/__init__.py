"""How a picture is cut into tiles, and what that costs."""
