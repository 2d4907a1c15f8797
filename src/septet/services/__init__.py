"""The seven services (and the fake payment provider). They never import each other: they meet in `septet.integrations`."""
