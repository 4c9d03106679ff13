"""From a normalised message to ranked entries and a decision."""
