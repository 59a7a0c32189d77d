"""Krita's own Qt: PyQt6 from Krita 6 on, PyQt5 before. Another binding in the same process would crash it."""

from krita import Krita

if int(Krita.instance().version().split(".")[0]) >= 6:
    from PyQt6.QtCore import (
        QByteArray,
        QLocale,
        QObject,
        QProcess,
        QProcessEnvironment,
        QRect,
        QRectF,
        QSize,
        Qt,
        QTimer,
        pyqtSignal,
    )
    from PyQt6.QtGui import QIcon, QImage, QImageReader, QPainter, QPixmap
    from PyQt6.QtNetwork import QAbstractSocket, QTcpSocket
    from PyQt6.QtWidgets import (
        QAbstractItemView,
        QComboBox,
        QFileDialog,
        QFormLayout,
        QHBoxLayout,
        QLabel,
        QListView,
        QListWidget,
        QListWidgetItem,
        QMenu,
        QProgressBar,
        QPushButton,
        QSlider,
        QToolButton,
        QVBoxLayout,
        QWidget,
    )
else:
    from PyQt5.QtCore import (
        QByteArray,
        QLocale,
        QObject,
        QProcess,
        QProcessEnvironment,
        QRect,
        QRectF,
        QSize,
        Qt,
        QTimer,
        pyqtSignal,
    )
    from PyQt5.QtGui import QIcon, QImage, QImageReader, QPainter, QPixmap
    from PyQt5.QtNetwork import QAbstractSocket, QTcpSocket
    from PyQt5.QtWidgets import (
        QAbstractItemView,
        QComboBox,
        QFileDialog,
        QFormLayout,
        QHBoxLayout,
        QLabel,
        QListView,
        QListWidget,
        QListWidgetItem,
        QMenu,
        QProgressBar,
        QPushButton,
        QSlider,
        QToolButton,
        QVBoxLayout,
        QWidget,
    )

__all__ = [
    "QAbstractItemView",
    "QAbstractSocket",
    "QByteArray",
    "QComboBox",
    "QFileDialog",
    "QFormLayout",
    "QHBoxLayout",
    "QIcon",
    "QImage",
    "QImageReader",
    "QLabel",
    "QListView",
    "QListWidget",
    "QListWidgetItem",
    "QLocale",
    "QMenu",
    "QObject",
    "QPainter",
    "QPixmap",
    "QProcess",
    "QProcessEnvironment",
    "QProgressBar",
    "QPushButton",
    "QRect",
    "QRectF",
    "QSize",
    "QSlider",
    "QTcpSocket",
    "QTimer",
    "QToolButton",
    "QVBoxLayout",
    "QWidget",
    "Qt",
    "pyqtSignal",
]
