"""What authors begin with, and what shows them what a change does."""
