"""What runs on the lab's side: makes its network and its hosts, and is the first process of each.

It imports nothing of the conformance package. ``floor`` and ``enter`` run in this machine's Python with its standard
library, all else in the tree's; the two sides share only JSON files in the lab's folder.
"""
