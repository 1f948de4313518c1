"""Drawings as design institutes deliver them."""

import ezdxf


def new_drawing(release="R2000"):
    """A drawing of that release in the character set of China, with a block for a gate valve, and its model space."""
    document = ezdxf.new(release)
    if release < "R2007":
        document.encoding = "gbk"
        document.header["$DWGCODEPAGE"] = "ANSI_936"
    document.blocks.new("闸阀").add_circle((0, 0), 1)
    return document, document.modelspace()
