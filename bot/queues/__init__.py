"""Job queues behind the JobQueue port of bot.jobs."""
