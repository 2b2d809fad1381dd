"""Reports over ads: what may be asked, how rows are found and summed, how they are written down."""
