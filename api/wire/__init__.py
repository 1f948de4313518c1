"""Shapes on the wire: bodies, parameters, answers, problems."""
