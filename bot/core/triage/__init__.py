"""From a normalised message to an alert, or none."""
