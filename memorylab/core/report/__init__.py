"""What a period brought, as data: the headline, the queue, the failures, the bill."""
