"""Reviewed schemes: what the documents of eighteen sites say, kept as compact facts and compared at every run."""
