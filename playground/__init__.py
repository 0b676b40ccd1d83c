"""Stand-ins for Telegram and Slack over real HTTP on loopback, for the demo and the tests; knows none of our rooms."""
