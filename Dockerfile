# Built in one stage, run from another: the image that runs holds no build tools and no root.
FROM python:3.13-slim-trixie AS build
WORKDIR /build
RUN python -m pip install --no-cache-dir uv && python -m venv /app
COPY requirements.lock ./
RUN uv pip install --python /app/bin/python --no-cache --require-hashes -r requirements.lock
COPY pyproject.toml README.md slack-manifest.yaml ./
COPY bots bots
COPY config config
COPY core core
COPY playground playground
COPY storage storage
COPY texts texts
COPY web web
RUN uv pip install --python /app/bin/python --no-cache --no-deps .

FROM python:3.13-slim-trixie
# pg_dump and pg_restore, for `penumbra backup` and `restore`: Debian's are of PostgreSQL 17, as compose.yaml's server
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /data penumbra
COPY --from=build /app /app
USER 10001
WORKDIR /data
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PENUMBRA_HOST=0.0.0.0 \
    PENUMBRA_PORT=8080 \
    PENUMBRA_DATABASE_URL=sqlite:////data/penumbra.db \
    PENUMBRA_DATA_DIR=/data/clicks \
    PENUMBRA_JOURNAL_DIR=/data/journal
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PENUMBRA_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["penumbra"]
CMD ["run"]
