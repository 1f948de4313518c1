"""Demand of the model: whose water is drawn where at the peak hour, and what is promised and not yet drawn."""
