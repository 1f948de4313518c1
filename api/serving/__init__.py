"""What a running server holds open, and who may call it."""
