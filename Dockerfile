# syntax=docker/dockerfile:1
# Built and run with the commands of README.md, "Docker". Two stages: what builds the bot does not run it.
# 3.11 is the version the tests run on. For a base that never moves, give a digest:
#   docker build --build-arg BASE=docker.io/library/python:3.11-slim-bookworm@sha256:<digest> .
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/ivig-bot
# The list alone first: an edited answer does not fetch sixty packages again.
COPY requirements.txt ./
RUN /opt/ivig-bot/bin/python -m pip install --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE LICENSES.md config.yaml ./
COPY bot ./bot
COPY knowledge ./knowledge
RUN /opt/ivig-bot/bin/python -m pip install --no-deps --no-index --no-build-isolation . \
 && /opt/ivig-bot/bin/ivig-bot check \
 && /opt/ivig-bot/bin/python -m pip uninstall --yes --quiet hatchling editables trove-classifiers pip

FROM ${BASE}
LABEL org.opencontainers.image.title="ivig-bot" \
      org.opencontainers.image.description="A Telegram bot with sourced answers about IVIG in multiple sclerosis" \
      org.opencontainers.image.licenses="MIT"
# A number, so that an orchestrator can see that it is not root.
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /state --shell /usr/sbin/nologin ivig \
 && install --directory --owner=10001 --group=10001 --mode=0700 /state
COPY --from=build /opt/ivig-bot /opt/ivig-bot
# Everything the bot writes goes to /state; the rest of the file system may be read-only.
ENV PATH=/opt/ivig-bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ORT_DISABLE_TELEMETRY=1 \
    HOME=/state \
    MPLCONFIGDIR=/state/cache/matplotlib \
    IVIG_BOT_CACHE=/state/cache \
    IVIG_BOT_STORE__PATH=/state/ivig-bot.sqlite3 \
    IVIG_BOT_UNANSWERED__PATH=/state/unanswered.sqlite3 \
    IVIG_BOT_METRICS__PORT=9090
USER 10001:10001
WORKDIR /state
VOLUME /state
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 9090, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
# No shell in between: the signal to stop reaches the bot itself.
ENTRYPOINT ["ivig-bot"]
CMD ["run"]
