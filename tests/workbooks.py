"""Workbooks as people deliver them."""

import openpyxl


def workbook(file, **sheets):
    """Write a workbook of these sheets, each a list of rows, and give its path."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file
