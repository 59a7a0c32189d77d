#!/usr/bin/env python3
"""Entry point of the plugin: GIMP runs this file to query its procedures, and again for every call."""

import os
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import gi

for name, version in (("Gimp", "3.0"), ("GimpUi", "3.0"), ("Gegl", "0.4"), ("Babl", "0.1"), ("Gtk", "3.0")):
    gi.require_version(name, version)

from gi.repository import Gimp

from gramarye_gimp.procedure import Plugin

Gimp.main(Plugin.__gtype__, sys.argv)
