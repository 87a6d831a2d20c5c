"""ivig-bot: sourced answers about IVIG in multiple sclerosis, and sums a person can check."""

import os

__version__ = "2026.11.4"

# onnxruntime, which runs the sentence model, would otherwise write an identifier of this machine to disk and report to
# its maker each time it starts (since 1.29). It reads this once, when it is first imported, so it stands here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
