"""One file per promise between services; the file's name is the promise, read as a sentence."""
