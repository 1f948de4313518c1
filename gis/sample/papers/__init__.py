"""What a utility hands over of the sample city: survey tables, base maps, records, with the dirt of real ones."""
