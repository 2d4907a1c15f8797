"""From a template's sources to a message in one person's language: ICU MessageFormat, layout, MJML, plain text."""
