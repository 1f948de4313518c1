"""Fixes 补救措施: where nothing passes, what would make the best option pass, checked by the model and priced."""
