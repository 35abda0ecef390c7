"""Trading strategies and backtests."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
TAKE_PROFIT: tp, (take|profit|taking) (profit|target|taking|profit level|profit threshold|profit at|profit order|
    profits|take) (pct|percent|percentage|level|threshold|ratio|target|multiple|mult|exit|at|), tp (pct|level|mult|
    ratio|target|atr|price), profit (exit|cap|goal|objective|lock|limit), (close|exit|sell|cash out|bank|lock in|
    book|realize|realise|cash in|take) (winner|gain|profit|winning position|winning trade|profitable position|
    winners|in profit|profits) (at|once|when|after|early|), (close|exit|sell) (position|trade|) (at|once|when up|
    after|on) (gain|profit), gain target, target profit, roi table, minimal roi, limit exit
STOP_LOSS: sl, (stop|hard stop|fixed stop|protective stop|initial stop|max loss|maximum loss|emergency stop|
    catastrophe stop) (loss|loss pct|loss percent|loss level|distance|level|order|out|pct|out level|at loss|per
    trade|price|width|percent) (pct|percent|), sl (pct|level|mult|atr|ratio|distance), stoploss (pct|), (close|exit|
    cut|sell|bail out of|dump|cap|limit) (loser|losing position|loss|losing trade|losers|losses|loss per trade) (at|
    once|when|early|after|), hard stop, protective stop, loss limit, loss cutoff, exit at loss
TRAILING_STOP: (trailing|trail|chandelier|atr trailing|volatility|ratchet|ratcheting|dynamic|moving|atr|atr based|
    following) (stop|stop loss|exit|stop distance|stop pct|stop mult|stop multiplier|stop width|stoploss|stop offset|
    stop atr|stop multiple|distance), trail (distance|pct|amount|offset|stop behind), trailing (pct|offset|percent|
    amount|distance|exit), stop (trailing|following price|moving with price|distance in atr|ratchets), (let|move|
    ratchet) stop (trail|follow|up with), atr (multiple|mult|multiplier) (for stop|of stop|), stop (at|of) (atr|
    multiple of atr), atr of slack, chandelier
COOLDOWN_BARS: (cooldown|cool down|cooling off|re entry|reentry|waiting|lockout) (bar|period between trade|delay|
    candle|bars|after exit|after loss|after stop|between trade|period after exit|gap|block), (bar|candle|day|hour)
    (to wait|of waiting|of pause|between trade|between entry|before re entering|before re entry|before next entry|
    after exit|after any exit), (before|no|block|delay|forbid) (re entry|reentry|re entering|reentering|re enter),
    (min|minimum) (bar|time) between (trade|entry|entries|signal), re entering, re enter, reentry, re entry
MIN_VOTES: (min|minimum|required|needed|necessary|number of|threshold of|vote) (vote|agreeing signal|signal
    agreement|number of signal|signals agreeing|confirmation|signal|threshold|count|voting signal|indicator
    agreement|confirmations), (vote|voting) (threshold|quorum|count|majority|requirement), (signal|indicator|vote|
    model) (agree|must agree|agreeing|in agreement|needed|required|have to agree|needed to enter|to enter|aligned|
    concur|line up|say buy|confirm), quorum, ensemble vote threshold
PYRAMID: pyramiding (level|step|), (add|adding|scale|scaling|average|averaging|top) (to|into|in|up) (winner|open
    position|winning position|winning trade|position|existing position|trend|winners), scale in, scaling in, add on
    (entry|position), (stack|additional) entry, averaging up, position adjustment, dca, dollar cost averaging,
    averaging down
POSITION_SIZE: (position|base position|trade|order|bet|lot|stake|entry|base|initial position|max position|maximum
    position) (size|sizing|fraction|pct|percent|percentage|allocation|amount|stake|position pct|size pct|size of
    equity|weight|position size|size fraction|size percent), position, position of equity, (fraction|share|part|
    percent|percentage) of (equity|capital|portfolio|account|bankroll|balance|cash) (per trade|per position|in each
    trade|risked|invested|committed|allocated|), risk (per trade|fraction|pct|percent|of equity), kelly (fraction|
    sizing|criterion|bet|), capital (per trade|allocation|per position), allocation per (trade|position|asset),
    (each|every) trade (use|uses|risk|risks|size|commits), equity per (trade|position), size per trade, leverage
    (factor|ratio|limit|), max leverage
MAX_POSITIONS: (max|maximum|number of|concurrent|simultaneous|open) (position|open position|concurrent position|open
    trade|concurrent trade|simultaneous position|holding|simultaneous trade), positions at once, positions held at
    once
HOLDING_PERIOD: (max|maximum|min|minimum|time|fixed|average) (hold|holding|hold bar|hold day|holding day|holding period|
    hold time|holding bar|hold period|bars held|holding time|stop exit|based exit|in trade|bars in trade), holding (period|time|
    horizon|bars), time (stop|based exit|exit|limit on trade), hold (for|at most|at least|position for), exit after
    (n bar|bar|day), days held, bars held
RSI_PERIOD: rsi (period|length|window|lookback|bar|span|timeperiod|n), (period|length|lookback|window) of (rsi|
    relative strength index), relative strength index (period|length|window|lookback)
RSI_OVERBOUGHT: (rsi|relative strength index) (overbought|upper|high|upper threshold|sell threshold|upper level|exit
    level|sell|exit|top|overbought level|overbought threshold|sell level|upper bound|ceiling|short level), overbought
    (level|threshold|rsi|at|above|cutoff|line|limit|)
RSI_OVERSOLD: (rsi|relative strength index) (oversold|lower|low|lower threshold|buy threshold|lower level|entry
    level|buy|entry|bottom|oversold level|oversold threshold|buy level|lower bound|floor|long level), oversold
    (level|threshold|rsi|at|below|cutoff|line|limit|)
RSI_BULL: (rsi|bullish rsi|bull rsi) (bull|bullish|bull threshold|bull level|bullish threshold|bullish level|bullish
    cutoff), bullish (level|threshold|cutoff|cut off|) of (rsi|relative strength index), bullish (rsi|relative
    strength index)
RSI_BEAR: (rsi|bearish rsi|bear rsi) (bear|bearish|bear threshold|bear level|bearish threshold|bearish level|bearish
    cutoff), bearish (level|threshold|cutoff|cut off|) of (rsi|relative strength index), bearish (rsi|relative
    strength index)
BB_PERIOD: (bb|bollinger|bollinger band|bollinger bands|band) (period|length|window|lookback|bar|span|n|window
    length|moving average|timeperiod|period length), (period|length|window|lookback) of (bollinger|bollinger band|
    bb), (bar|day) bollinger (window|band|period), bar (bollinger window|bollinger band|bollinger)
BB_STD: (bb|bollinger|bollinger band|band) (std|stddev|width|deviation|sigma|multiplier|standard deviation|mult|
    nbdev|width multiplier|dev|number of std|sigmas), (width|standard deviation|std|sigma) of (bollinger|bollinger
    band|bb|band), nbdevup
BB_COMPRESSION: bb (squeeze|compression|width compression|width percentile), (bollinger|band|volatility|bollinger
    band) (squeeze|compression|contraction|width compression|width percentile|bandwidth)
ATR_PERIOD: (atr|average true range) (period|length|window|lookback|bar|timeperiod|span), (period|length|lookback|
    window) of (atr|average true range)
EMA_FAST: (fast|quick|short|shorter|faster|quicker|short term) (ema|exponential moving average|ema period|ema span|
    ema length|ema window|exponential average), ema (fast|short) (period|length|span|window|), (span|period|length|
    window) of (fast|quick|short|shorter|faster|quicker) (ema|exponential moving average|exponential average)
EMA_SLOW: (slow|long|longer|slower|long term) (ema|exponential moving average|ema period|ema span|ema length|ema
    window|exponential average), ema (slow|long) (period|length|span|window|), (span|period|length|window) of (slow|
    long|longer|slower) (ema|exponential moving average|exponential average)
MA_FAST: (fast|quick|short) (ma|sma|moving average) (period|length|window|), (ma|sma) (fast|short)
MA_SLOW: (slow|long) (ma|sma|moving average) (period|length|window|), (ma|sma) (slow|long)
MACD_FAST: macd (fast|fast period|short period|fast length)
MACD_SLOW: macd (slow|slow period|long period|slow length)
MACD_SIGNAL: macd signal (period|line|length|smoothing|)
ADX_THRESHOLD: adx (threshold|level|min|minimum|cutoff|filter|period), (min|minimum) adx, average directional index
    (threshold|), trend strength threshold
ENTRY_THRESHOLD: (entry|signal|buy|long|enter|trade|open|trigger) (threshold|level|cutoff|zscore|z score|cut off|
    threshold level|bar threshold), threshold (to enter|for entry|of entry|for signal), (enter|buy|open position)
    (when|once|if) (signal above|z below|score above|signal exceeds), z entry, entry z
EXIT_THRESHOLD: (exit|sell|close) (threshold|level|cutoff|zscore|z score|signal threshold), threshold (to exit|for
    exit), z exit, exit z
LOOKBACK: (lookback|look back|momentum|return|signal|breakout|donchian|channel|history|formation|trend|regression)
    (period|window|length|horizon|bar|lookback|days|window length|lookback window|hours), lookback (bar|in bar|hour|
    day), (momentum|return) over last, length of (lookback|momentum window|breakout channel|channel), donchian,
    breakout (period|channel), roc period, rate of change period
VOL_TARGET: (vol|volatility|target vol|risk) (target|targeting|scaling|sizing|adjusted position|adjusted size|
    adjusted sizing|parity|normalized position|weighted size|scaled position|scaled sizing|based sizing|dampening|
    target sizing|managed|budget), target (volatility|vol|risk), (size|scale) (position|bet|trade) (by|inversely
    with|inversely to|with) (volatility|vol|inverse volatility|risk|atr), inverse (vol|volatility) (sizing|weighting|
    weight|scaling|position|), atr sizing, volatility adjustment
VOL_LOOKBACK: (vol|volatility) (lookback|window|period|length|estimation window|span)
FEE: (fee|commission|transaction cost|trading cost|slippage|maker fee|taker fee) (rate|bps|pct|assumption|per trade|
    model|), spread cost
REBALANCE: rebalance (frequency|interval|every|period|threshold|band|day), rebalancing (frequency|interval|period|
    threshold|), (rebalance|rotate) (weekly|daily|monthly|every), no trade (band|zone|buffer), turnover (cap|limit|
    penalty)
MAX_DRAWDOWN: (max|maximum) drawdown (limit|stop|threshold|control), drawdown (limit|stop|control|threshold|brake|
    throttle|circuit breaker|cap), equity (stop|curve filter), circuit breaker, kill switch
GRID_SPACING: grid (spacing|step size|level|levels|distance|width), grid trading
CORR_WINDOW: correlation (window|lookback|period|threshold|filter|regime)
FUNDING_WEIGHT: funding (rate threshold|threshold|weight|rate filter|rate signal|filter)
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
rsi: relative strength index (filter|signal|), rsi (filter|signal|indicator|divergence|condition|confirmation),
    stochastic rsi, stoch rsi
macd: moving average convergence divergence, macd (crossover|histogram|signal cross|filter|indicator|confirmation)
bollinger bands: bollinger (band|filter|signal|reversion|), bb (filter|signal|band|reversion|width|), percent b,
    bbands, bollinger band (filter|signal|reversion|breakout)
keltner channel: keltner
atr: average true range (filter|), atr (filter|indicator|)
moving average crossover: (moving average|ma|ema|sma|golden) (crossover|cross|crossing|cross over), death cross
trend filter: (trend|regime|200 ma|sma200|long term trend|higher timeframe|higher timeframe trend|htf|multi
    timeframe|bull market|bear market|market regime) (filter|confirmation|gate|gating|condition|detection|trend
    filter|switch|switching|alignment|classifier|regime filter), only trade with trend, trade (only|) (above|below)
    (moving average|200 day|sma|ma|ema|long moving average), adx (filter|confirmation)
volume filter: volume (confirmation|spike|condition|surge|threshold|gate), (require|confirm with) volume, above
    average volume, relative volume
obv: on balance volume
vwap: vwap (filter|signal), volume weighted average price
volatility filter: (volatility|vol|atr|vol regime|volatility regime|high volatility) (filter|gate|gating|condition|
    regime filter|threshold|cutoff|regime gate), (skip|avoid|no) trade (in|during|when) (high volatility|high vol|low
    volatility|volatile|volatility), vix filter
momentum signal: (momentum|time series momentum|cross sectional momentum|dual momentum|multi timeframe momentum|short
    term momentum|very short momentum|return momentum) (signal|filter|factor|confirmation|strategy|score|ranking|
    vote|condition|feature|rule), momentum acceleration, price momentum, tsmom
mean reversion: mean (reversion|reverting|reversion signal|reversion entry|reversion strategy|revert), (reversal|
    contrarian|fade|reversion) (signal|strategy|entry|trade), buy (dip|oversold), fade (move|breakout|extreme), z
    score reversion, pairs trading, statistical arbitrage
breakout signal: (breakout|donchian breakout|channel breakout|range breakout) (signal|entry|strategy|filter|system|),
    new high entry, turtle
short selling: allow short, (short|shorting) (side|trades|position|entries|leg|trade|entry), long and short
long only: long side only, no (short|shorting|short selling), disable short, never short
partial exit: partial (exit|exits|close|profit taking|take profit|tp|profit), scale out, scaling out, (sell|close)
    half (at|of position|position|first), half position off, tiered (exit|take profit)
breakeven stop: (break even|breakeven) (stop|move|stop loss|exit|trigger), move stop to (entry|breakeven|break even),
    stop to entry
time of day filter: (session|time of day|hour|weekend|trading hour|day of week|intraday|overnight|market hour)
    (filter|exclusion|restriction|gate|window filter), no (weekend|overnight|friday|night) (trade|trading|position|
    hold|entries), trade only (during|in) (session|hours|us hours), avoid (open|close|first hour|last hour)
signal exit: (exit|close|sell) (on|at|upon|when) (opposite signal|signal flip|signal reversal|reversal|cross back|
    rsi|opposite|crossing mean), (signal|reversal|opposite signal|indicator|rsi) (exit|based exit|flip exit)
ensemble voting: (ensemble|majority|signal|weighted|indicator) (voting|vote|votes), vote of (signal|indicator),
    combine signal by vote, signal (ensemble|combination|aggregation)
equal weighting: equal (weight|weighted portfolio|allocation), equally weighted (portfolio|), 1 / n portfolio
market cap weighting: cap weighting
risk parity: risk parity
hierarchical risk parity: hrp
minimum variance: minimum variance portfolio, min variance portfolio
mean variance: mean variance optimization, markowitz
correlation filter: (correlation|btc correlation|beta|cross asset) (filter|regime|gate|signal|threshold|cap), lead
    lag (signal|), cross asset (signal|momentum)
funding signal: funding (rate|signal|carry|rate signal|rate carry), carry (trade|signal|strategy), basis trade
order book signal: order (book|flow|flow imbalance|book imbalance) (imbalance|signal|feature|depth|), bid ask
    (imbalance|spread), microprice, trade imbalance
kalman filter: kalman (smoothing|)
savgol filter: savgol, savitzky golay
wavelet denoising: wavelet (denoise|filter|smoothing|)
hodrick-prescott: hodrick prescott
hidden markov: hmm, hidden markov (model|regime)
garch: egarch
har-rv: har rv
realized volatility: realised volatility
"""
