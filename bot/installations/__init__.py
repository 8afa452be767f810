"""Which workspaces have installed the app, for a bot that serves several; see docs/decisions/0009."""
