"""Speaking to the outside services.

One package per service, each behind the port of its family; none knows another. What a service calls things
ends here: names, pages, error codes and quirks never leave this package. No planning and no state.
"""
