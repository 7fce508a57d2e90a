"""One page of HTML from what the other rooms say; it opens anywhere, without a network.

Rule: the report asks and shows. A number on the page is the number that its function returns.
"""
