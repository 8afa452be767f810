"""How we think: a request in, a threat model out. Knows no Slack and reads no environment."""
