"""Rules of dated files, what replaces them, and findings against them."""
