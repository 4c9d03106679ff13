"""NapeBot: answers about muscle spasms of the neck and the back of the head, from a YAML knowledge base."""
