#!/usr/bin/env python3
"""Kept for the lines that call it by this name: runs the command scaffolder."""
from launcher import launch

launch("scaffolder")
