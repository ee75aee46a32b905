"""The register of elders: one record entered by hand, two records merged, and what follows when somebody is gone."""
