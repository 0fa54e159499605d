"""Relief (帮扶): programmes and grants, funds, hardship files, service cards."""
