"""What a run means and what comes next: noise, belief, who leads, what a further run is worth."""
