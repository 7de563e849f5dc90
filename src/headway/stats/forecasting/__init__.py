"""What a forecast is put together from: scales, models, a backtest and its errors."""
