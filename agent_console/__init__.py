"""What agents and supervisors see: pages, live stream, JSON API and the SMS webhook, as one Flask application
(`agent_console.app.create_app`). Nothing is imported here: the worker wants the catalogue of words alone, and whoever
is killed comes back a second sooner."""
