"""How good is a list of threats? The accuracy protocol as pure functions over values and an embedder."""
