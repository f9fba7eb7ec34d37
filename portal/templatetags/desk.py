"""Template tags and filters that every page may use. How things look; no decisions about numbers."""

from django import template

register = template.Library()
