"""From YAML files to a snapshot, or to every problem in them."""
