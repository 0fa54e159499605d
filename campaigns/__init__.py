"""Activities (活动): labour contests, May Day events, photo contests. Holds no model yet."""
