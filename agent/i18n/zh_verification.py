"""The Chinese texts of the verification after a cancellation, by their English keys."""

VERIFICATION_TEXTS: dict[str, str] = {
    "only with --probe-sms NUMBER": "需要 --probe-sms 号码",
    "only with --probe-voice NUMBER": "需要 --probe-voice 号码",
}
