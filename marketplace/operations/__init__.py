"""The operator's part of the roof: jobs, health, figures for Prometheus."""
