"""Where the bytes of diagrams, documents and exports lie, behind the port of agent.artifacts."""
