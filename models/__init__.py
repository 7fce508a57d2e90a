"""One published scaling law a file; each binds `LAW`, or `LAWS` where a paper has several."""
