#!/usr/bin/env python3
"""Kept for the lines that call it by this name: runs the command loadtester."""
from launcher import launch

launch("loadtester")
