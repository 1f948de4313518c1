"""What lies below the sample city: mains, trunks, spines, their sizes and materials, as a survey."""
