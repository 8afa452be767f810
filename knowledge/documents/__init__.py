"""The company's own documents: files in, passages out, and the store kept true to where the files lie."""
