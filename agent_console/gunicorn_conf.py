"""How gunicorn serves the console: ``gunicorn -c python:agent_console.gunicorn_conf <the composition root's app>``.

The address is the composition root's to give (``--bind``), from ELDERLINE_WEB_HOST and ELDERLINE_WEB_PORT.
"""

from agent_console.access_log import PrivateLogger

worker_class = "gthread"
workers = 1
"""One process: streams share one subscription to Redis, and two cores have Asterisk to serve as well."""
threads = 76
"""48 live streams (agent_console.hub.LISTENERS), 12 large screens (supervision.board_feed.SCREENS), and 16 for pages,
API and the webhook."""
timeout = 60
graceful_timeout = 3
"""Seconds; live streams never end by themselves in time, and browsers reconnect."""
keepalive = 5

limit_request_line = 0
"""gunicorn's own limit is 8,190 bytes at most, and 2,000 characters of an SMS in a query are 18,000, emoji 24,000."""

accesslog = "-"
errorlog = "-"
access_log_format = "%(h)s %(m)s %(U)s %(s)s %(b)s %(L)s"
"""%(U)s is the path without the query: the sender and the text of an SMS are in the query.
The line's time is the log's own."""
logger_class = PrivateLogger

control_socket_disable = True
"""Its place would be in the home folder of whoever starts us, and the same for every instance."""
