"""A synthetic district, written as the source files a utility would hand over."""
