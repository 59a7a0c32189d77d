"""Register the filter with GIMP: one procedure and its menu entry."""

from __future__ import annotations

from typing import Any, List, Tuple

from gi.repository import Gegl, Gimp

from .run import paint_layer
from .settings import declare_arguments
from .translations import tr

PROCEDURE_NAME = "plug-in-gramarye"


class Plugin(Gimp.PlugIn):
    """The plugin; GIMP creates one for each of its processes."""

    def do_set_i18n(self, _name: str) -> Tuple[bool, None, None]:
        """Disable translations by GIMP: the plugin's own are in `translations`."""
        return False, None, None

    def do_query_procedures(self) -> List[str]:
        """Return the names of the procedures."""
        return [PROCEDURE_NAME]

    def do_create_procedure(self, name: str) -> Any:
        """Return the procedure. It accepts any image and any layers, so that the plugin can explain refusals."""
        Gegl.init(None)
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, paint_layer, None)
        procedure.set_image_types("*")
        mask = Gimp.ProcedureSensitivityMask
        procedure.set_sensitivity_mask(mask.DRAWABLE | mask.DRAWABLES | mask.NO_DRAWABLES)
        procedure.set_documentation(
            tr("Paint the layer in the style of a picture"),
            "Paints the chosen layer in the style of another picture, as a new layer above it. "
            "Gramarye's daemon on this computer does the painting; it is started if it is not running.",
            None,
        )
        procedure.set_attribution("Gramarye", "Gramarye, MIT licence", "2026")
        procedure.set_menu_label(tr("Gramar_ye: paint in a style..."))
        procedure.add_menu_path("<Image>/Filters/Artistic")
        declare_arguments(procedure)
        return procedure
