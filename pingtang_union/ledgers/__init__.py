"""Pages between workbooks and records. Every page starts from `visible_to(user)`: an office sees what is its own."""
