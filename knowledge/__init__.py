"""What we know: passages, and how to find them. Knows no threat-model types."""
