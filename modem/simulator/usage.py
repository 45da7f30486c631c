"""The counters that a modem keeps of its own traffic."""

from modem.simulator.profile import Usage


class UsageMeter:
    """Bytes sent and received: in all, and in the session that runs; they grow by the clock."""

    def __init__(self, profile: Usage) -> None:
        self._profile = profile
        self.tx = float(profile.tx_bytes)
        self.rx = float(profile.rx_bytes)
        self.tx_per_s = profile.tx_per_s
        self.rx_per_s = profile.rx_per_s
        self.session_tx = self.session_rx = self.session_s = 0.0
        self._saved = (0.0, 0.0)
        self._counted_at: float | None = None

    def count(self, now: float, *, flowing: bool) -> None:
        """Grow up to `now`, where data flowed until then."""
        passed = 0.0 if self._counted_at is None else now - self._counted_at
        self._counted_at = now if self._counted_at is None else max(now, self._counted_at)
        if passed > 0 and flowing:
            self.session_s += passed
            self.add(self.tx_per_s * passed, self.rx_per_s * passed)

    def add(self, tx: float, rx: float) -> None:
        """Let so many more bytes have flowed; the modem's counters wrap where they must."""
        self.tx, self.rx = self._wrapped(self.tx + tx), self._wrapped(self.rx + rx)
        self.session_tx += tx
        self.session_rx += rx

    def end_session(self) -> None:
        """A session ended; some modems forget all of it then."""
        self.session_tx = self.session_rx = self.session_s = 0.0
        if self._profile.per_session:
            self.reset()

    def reset(self) -> None:
        """Start at nothing."""
        self.tx = self.rx = 0.0

    def save(self) -> None:
        """Write the counters where a restart finds them."""
        self._saved = (self.tx, self.rx)

    def restart(self, at: float) -> None:
        """A restart: kept, as last saved, or gone; they grow again from the time `at` on."""
        if not self._profile.survives_reboot:
            self.tx, self.rx = self._saved
        self.session_tx = self.session_rx = self.session_s = 0.0
        self._counted_at = at

    def _wrapped(self, value: float) -> float:
        bits = self._profile.wraps_at_bits
        return value % (1 << bits) if bits else value
