"""Goals and KPIs together, as maps and boards."""
