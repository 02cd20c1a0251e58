"""The register's part of the API."""
