"""Workbooks: quote, price template, planned works, renewal lists; amounts are live formulas."""
