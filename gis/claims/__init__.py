"""What schemes hold of a network: plans, acceptances, withdrawals and expiry, kept beside the versions and only ever added to."""
