"""Pictures of the conversation, made from real replies: `python -m pictures`, or `make pictures`."""
