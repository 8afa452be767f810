"""The words of the product as frozen values. Imports nothing of ours."""
