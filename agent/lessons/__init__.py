"""How lessons of earlier models change a list of threats: what is said of them, and where they stand."""
