"""Named styles: the built-in ones and the user's own.

- ``known``: finds styles by name
- ``user_folder``: adds and removes the user's styles
"""
