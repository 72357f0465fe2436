"""Parquet and Arrow files to lines of JSON and back, in a process of its own: `python -m curator.tables`.

So the libraries that this takes neither hold up a screen nor stay in its memory. `curator.storage.tables` runs it.
"""
