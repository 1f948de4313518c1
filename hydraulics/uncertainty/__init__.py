"""How sure a pressure is: sensitivities, ranges, the reading that would decide, and calibration to readings."""
