"""Unpacks NLTK's English sentence model, which Annif needs, from a wheel that carries it as plain files.

Usage: unpack_punkt.py WHEEL FOLDER
"""

import os
import sys
import zipfile

PREFIX = "llama_index/core/_static/nltk_cache/"

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [n for n in archive.namelist() if n.startswith(PREFIX + "tokenizers/punkt_tab/english/")]
    if not names:
        sys.exit(f"{wheel} does not carry {PREFIX}tokenizers/punkt_tab/english/")
    for name in names:
        path = os.path.join(folder, name[len(PREFIX) :])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(archive.read(name))
