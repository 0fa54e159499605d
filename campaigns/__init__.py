"""Activities (活动): series with yearly editions, kinds, activities with their outcomes, news and photos."""
