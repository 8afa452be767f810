"""Measurements, printed beside their bars. `python -m benchmarks [name …]` runs them."""
