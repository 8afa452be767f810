"""What verdicts have taught, kept for the models that come later."""
