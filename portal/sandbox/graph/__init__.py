"""The Graph API over the practice world: edges, tokens, errors, quotas, webhook events. No controls and no pages."""
