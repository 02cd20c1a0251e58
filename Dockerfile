# The image of web, worker and beat alike; docker-compose.yml says which command is which.

# --- Packages, translations and static files ---------------------------------------------------
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --no-input --require-hashes -r /tmp/requirements.txt
COPY . /app
WORKDIR /app
# The values are for this step only: nothing of them stays in the image.
RUN export SECRET_KEY=build-only-0123456789-abcdefghijklmnopqrstuv \
        TOKEN_PEPPER=build-only-9876543210-vutsrqponmlkjihgfedcba \
        PUBLIC_URL=https://build.invalid YIZHAN_HOME=/var/lib/yizhan \
    && /opt/venv/bin/python -m marketplace.messages compile \
    && /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /opt/venv/bin/python -m compileall -q /app \
    && mkdir -p /var/lib/yizhan/media

# --- What runs --------------------------------------------------------------------------------
FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 yizhan \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/yizhan yizhan
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /var/lib/yizhan /var/lib/yizhan
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=marketplace.settings \
    YIZHAN_HOME=/var/lib/yizhan \
    LOG_FORMAT=json \
    OMP_NUM_THREADS=1 \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000
WORKDIR /app
USER 10001:10001
EXPOSE 8000
VOLUME /var/lib/yizhan/media
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "deploy/healthy.py"]
CMD ["granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4", "--no-ws", \
     "--log-level", "warning", "--respawn-failed-workers", "marketplace.wsgi:application"]
