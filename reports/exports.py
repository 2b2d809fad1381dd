"""All exports, by the name in their address. What an export is: agency/exports.py. How long ones are kept: reports/export_files.py."""

from agency.exports import Export
from campaigns import exports as campaigns
from reports import figure_exports, side_exports

AT_ONCE = 20_000  # rows; what is longer is made in the background
MOST = {"csv": 5_000_000, "xlsx": 1_000_000}  # rows that a worker writes well within its time

EXPORTS: dict[str, Export] = {
    "days": figure_exports.DAYS,
    "posts": figure_exports.POSTS,
    "sides": side_exports.SIDES,
    "campaigns": campaigns.LEVELS,
    "campaign-days": campaigns.DAYS,
}
