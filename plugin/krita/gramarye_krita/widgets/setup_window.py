"""The window that sets up Gramarye itself, where only the plugin is installed."""

from __future__ import annotations

from typing import Callable, Union

from gramarye_plugin.status_text import duration, refusal_message
from gramarye_protocol.messages import Refused

from ..daemon.installer import Installer
from ..qt import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, Qt, QVBoxLayout, QWidget
from ..translations import tr

WIDTH = 460


class SetupWindow(QDialog):
    """Says what will be downloaded and where to, then shows the installation's progress.

    ``installed`` is called with the path of the new environment's Python; ``choose`` when the user prefers an
    installation that is there already. Closing the window cancels.
    """

    def __init__(
        self, wheel: str, installed: Callable[[str], None], choose: Callable[[], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._installed = installed
        self._is_running = False
        self._installer = Installer(wheel, self._update)
        self.setObjectName("gramarye_setup")
        self.setWindowTitle("Gramarye")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._message = QLabel()
        self._message.setObjectName("gramarye_setup_said")
        self._message.setWordWrap(True)
        self._message.setMinimumWidth(WIDTH)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._start = QPushButton(tr("Set up"))
        self._start.setObjectName("gramarye_setup_start")
        self._start.clicked.connect(lambda: self._begin())
        self._choose = QPushButton(tr("Use an installation..."))
        self._choose.clicked.connect(lambda: self._use_another(choose))
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.setObjectName("gramarye_setup_cancel")
        self._cancel.clicked.connect(lambda: self.reject())
        row = QHBoxLayout()
        row.addWidget(self._choose)
        row.addStretch()
        row.addWidget(self._start)
        row.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.addWidget(self._message)
        column.addWidget(self._progress)
        column.addLayout(row)
        self.finished.connect(lambda _: self._installer.cancel())
        self._installer.find_python()
        self._update()

    def _use_another(self, choose: Callable[[], None]) -> None:
        self.reject()
        choose()

    def _begin(self) -> None:
        self._is_running = True
        self._installer.start()
        self._update()

    def _update(self) -> None:
        outcome = self._installer.outcome
        if isinstance(outcome, str):
            self._installed(outcome)
            self.accept()
            return
        self._message.setText(self._text(outcome))
        self._start.setEnabled(bool(self._installer.python) and not self._is_running and outcome is None)
        self._choose.setEnabled(not self._is_running or outcome is not None)
        self._progress.setVisible(self._is_running and outcome is None)
        fraction = self._installer.fraction
        self._progress.setRange(0, 1000 if fraction >= 0.0 else 0)
        self._progress.setValue(max(0, round(1000 * fraction)))

    def _text(self, outcome: Union[object, Refused]) -> str:
        installer = self._installer
        if isinstance(outcome, Refused):
            return refusal_message(outcome, tr).sentence
        if self._is_running:
            sentence = tr(installer.sentence)
            if installer.remaining < 0:
                return sentence
            return f"{sentence} {tr('{duration} to go').format(duration=duration(installer.remaining))}."
        if not installer.python:
            return tr("Looking for Python.")
        return tr(
            "Gramarye paints in a program of its own, which is not on this computer yet. It will be installed with"
            " {python} into {folder}; about {size} are downloaded, most of it PyTorch."
        ).format(python=" ".join(installer.python), folder=installer.folder, size=installer.download)
