"""FHIR resources as tables."""
