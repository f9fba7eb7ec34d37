"""One call to Graph over HTTP: connections, tries, pages, what the answers say about rate limits. No node, no edge."""
