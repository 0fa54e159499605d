"""Relief (帮扶): workers in hardship, condolence visits, grants. Holds no model yet."""
