"""The control plane under /__control__/: JSON in, JSON out. It steers the sandbox and tells its truth; it never imitates TikTok."""
