"""Provider: a fake, Stripe-compatible payment provider on a port of its own."""
