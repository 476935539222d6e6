"""Screen-independent projections: filter, sort and order a cache into rows."""
