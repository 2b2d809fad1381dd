"""The lines of the Campaigns table as tags."""

from django import template

from campaigns import markup

register = template.Library()
register.simple_tag(markup.column_ticks)
register.simple_tag(markup.head_cells)
register.simple_tag(markup.line_rows)
register.simple_tag(markup.total_rows)
