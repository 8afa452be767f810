"""How we talk: Slack, the command line, and everything between a delivery and a message."""
