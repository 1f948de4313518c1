"""What the printed book and the customer's page say: every text and figure formed, in order, nothing computed."""
