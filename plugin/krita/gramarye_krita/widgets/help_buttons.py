"""Actions of the help buttons: start a daemon, set up or choose an installation, download the VGG19 network."""

from __future__ import annotations

from typing import Optional

from gramarye_plugin.backend_setup import find_wheel
from gramarye_plugin.status_text import HelpAction
from gramarye_protocol.messages import Refused

from ..daemon.launcher import process_environment
from ..qt import QFileDialog, QProcess, QWidget
from ..studio import Studio
from ..translations import tr
from .setup_window import SetupWindow


class HelpActions:
    """Carries out the help actions; ``parent`` is the parent of their dialogs."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        self._studio = studio
        self._parent = parent
        self._fetching: Optional[QProcess] = None

    def help(self, wanted: Optional[HelpAction] = None) -> None:
        """Carry out ``wanted``, by default the help action of the connection's status."""
        wanted = self._studio.link.status.help if wanted is None else wanted
        if wanted is HelpAction.START:
            self._studio.link.ensure_connected()
        elif wanted is HelpAction.CONFIGURE:
            self._set_up()
        elif wanted is HelpAction.WEIGHTS:
            self._fetch()

    def _set_up(self) -> None:
        """Install the plugin's own wheel if it has one; otherwise ask for an installation."""
        wheel = find_wheel(self._studio.link.folder)
        if wheel:
            SetupWindow(wheel, self._studio.link.configure, self._configure, self._parent).show()
        else:
            self._configure()

    def _configure(self) -> None:
        """Ask for the Python of the Gramarye installation."""
        title = tr("Choose the Python of the Gramarye installation (gramarye doctor shows it)")
        python, _ = QFileDialog.getOpenFileName(self._parent, title)
        if python:
            self._studio.link.configure(python)

    def _fetch(self) -> None:
        """Download VGG19 in the background and show the result."""
        backend = self._studio.link.backend
        if backend is None or self._fetching is not None:
            return
        process = self._fetching = QProcess(self._parent)
        process.setProcessEnvironment(process_environment())
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.finished.connect(lambda *_: self._fetched(process))
        process.start(backend.python, ["-m", "gramarye", "weights", "fetch"])
        self._studio.refuse(Refused("fetching", "Downloading the VGG19 network (80 MB)."))

    def _fetched(self, process: QProcess) -> None:
        self._fetching = None
        lines = bytes(process.readAll()).decode("utf-8", "replace").strip().splitlines()
        if process.exitCode():
            last = next((line for line in lines if line.startswith("gramarye:")), "The download failed.")
            self._studio.refuse(Refused("fetch-failed", last.replace("gramarye: ", "")))
        else:
            self._studio.refuse(Refused("fetched", "The VGG19 network is installed.", "Paint again."))
            self._studio.link.refresh()
