"""Checks: find what is wrong with annotations, say where, and write a repaired copy.

========================== ===========================================================================
``check_data``             one file, whatever it is for
``check_pipeline``         every source of a pipeline, and its evaluation data against them
``check_session``          its section ``session``: whether it can start, and with which texts
``fix_data``               a repaired copy of a file, and the diff
========================== ===========================================================================
"""

from __future__ import annotations

from nerture.check.data import check_data
from nerture.check.finding import CheckReport, Finding
from nerture.check.pipeline import check_pipeline
from nerture.check.repair import Repair, fix_data
from nerture.check.session import check_session

__all__ = ["CheckReport", "Finding", "Repair", "check_data", "check_pipeline", "check_session", "fix_data"]
