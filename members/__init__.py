"""Who exists: unions, accounts, cadres, members and their trainings; the root of scope."""
