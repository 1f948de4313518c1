"""The model made: from the GIS layers or an open EPANET file to arrays, with what is assumed of pipes and devices."""
