"""The tap-off register: what people saw and decided about tap-offs, kept beside the versions, and what it makes of them."""
