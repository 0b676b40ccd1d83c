"""The methods of the Web API, by subject; `api.py` holds the table of them."""
