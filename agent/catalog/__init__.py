"""Threat patterns, technologies and controls as data, and their loaders."""
