"""The facade that the terminal program and the headless commands share."""

from curator.session.facade import Session
from curator.session.values import Cost, Place, Record, Row, Standing, a_call, dollars

__all__ = ["Cost", "Place", "Record", "Row", "Session", "Standing", "a_call", "dollars"]
