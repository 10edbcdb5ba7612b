"""A private Postfix with kwit, made of the files of postfix-example/, for the tests and the demo."""
