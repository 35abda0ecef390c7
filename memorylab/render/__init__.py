"""Turns what the house knows into text, Markdown, HTML and charts: data in, string out."""
