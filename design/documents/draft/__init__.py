"""Drawings in millimetres of paper: profile, node details and plots, made once for the printed book and for the DXF."""
