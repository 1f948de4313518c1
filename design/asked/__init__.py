"""The parts of a request, one file each: read strictly, refused with field, value and what is allowed."""
