"""Pricing 计价: quantities by kind of work, price files, the one-fee list, the picking list, the price of planned pipes."""
