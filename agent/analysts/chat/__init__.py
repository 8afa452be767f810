"""The language models: how they are named, made, limited, priced and called. langchain lives only here."""
