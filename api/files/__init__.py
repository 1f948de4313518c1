"""Files people bring and get: lists they type, tables that appear wholly or not at all, scratch folders."""
