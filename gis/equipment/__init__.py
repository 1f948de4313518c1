"""Pumps, check and regulating valves and tanks of a network: what their records suffice for, and where they stand."""
