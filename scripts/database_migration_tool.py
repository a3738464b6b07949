#!/usr/bin/env python3
"""Kept for the lines that call it by this name: runs the command migrator."""
from launcher import launch

launch("migrator")
