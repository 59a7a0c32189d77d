"""What the scripts use of Qt, in Krita's own binding: PyQt6 from Krita 6 on, PyQt5 before."""

try:
    from PyQt5.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
    from PyQt5.QtGui import QDropEvent, QWheelEvent
    from PyQt5.QtWidgets import (
        QApplication,
        QCheckBox,
        QComboBox,
        QDialog,
        QFormLayout,
        QLabel,
        QLineEdit,
        QListWidget,
        QPushButton,
        QSlider,
        QToolButton,
        QWidget,
    )
except ImportError:
    from PyQt6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
    from PyQt6.QtGui import QDropEvent, QWheelEvent
    from PyQt6.QtWidgets import (
        QApplication,
        QCheckBox,
        QComboBox,
        QDialog,
        QFormLayout,
        QLabel,
        QLineEdit,
        QListWidget,
        QPushButton,
        QSlider,
        QToolButton,
        QWidget,
    )

__all__ = [
    "QApplication",
    "QByteArray",
    "QCheckBox",
    "QComboBox",
    "QDialog",
    "QDropEvent",
    "QFormLayout",
    "QLabel",
    "QLineEdit",
    "QListWidget",
    "QMimeData",
    "QPoint",
    "QPointF",
    "QPushButton",
    "QSlider",
    "QTimer",
    "QToolButton",
    "QUrl",
    "QWheelEvent",
    "QWidget",
    "Qt",
]
