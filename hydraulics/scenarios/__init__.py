"""Scenarios 计算工况 besides the peak hour: fire, the largest source out, low tanks; each a model and a session of its own."""
