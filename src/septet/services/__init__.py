"""The seven services and the fake payment provider. None imports another: they meet in `septet.integrations`."""
