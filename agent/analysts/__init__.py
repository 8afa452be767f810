"""What proposes threats: the rules analyst, and a language model behind the same port."""
