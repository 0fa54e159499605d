"""Honours (荣誉): nominations, publicity, decisions. Holds no model yet."""
