from insights.queries.market import field_counts, market_figures, tti_figures

__all__ = ["field_counts", "market_figures", "tti_figures"]
