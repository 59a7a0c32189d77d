"""The statistics that a style can be measured by, by the name that a recipe gives."""

from __future__ import annotations

from collections.abc import Mapping

from .moments import moments
from .statistics import Statistic, covariance, gram

STATISTICS: Mapping[str, Statistic] = {"gram": gram, "covariance": covariance, "moments": moments}
