"""Pull requests at GitHub, and at GitHub Enterprise: REST for comments, one GraphQL question for who we are."""
