"""The provider's verbs, one file per noun."""
