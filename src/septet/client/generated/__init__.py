"""Types and methods of Septet's API. Written by docs/make_client.py; do not edit."""
