# One image for every process of the Procfile: docs/deploying.md . It holds no compiler, no pip, and nothing it may write.
# For builds that are the same for ever, name the base by its digest: --build-arg PYTHON=python:3.11.14-slim-bookworm@sha256:…
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/textback
# Wheels only: what would have to be compiled would make this image depend on a compiler.
COPY requirements.txt ./
RUN python -m venv --without-pip /opt/venv
RUN python -m pip --python /opt/venv/bin/python install --no-deps --only-binary=:all: -r requirements.txt
COPY manage.py Procfile ./
COPY config ./config
COPY incidents ./incidents
COPY messaging ./messaging
COPY optout ./optout
COPY shifts ./shifts
# Static files are the image's own; the key and the database of the build are used for nothing else, and kept nowhere.
RUN SECRET_KEY=only-while-building DATABASE_URL=sqlite:////tmp/build.sqlite3 DJANGO_SETTINGS_MODULE=config.settings /opt/venv/bin/python -m django collectstatic --no-input --verbosity 0
RUN /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib config incidents messaging optout shifts

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Textback" org.opencontainers.image.description="Two-way SMS: incidents, shifts and consent over AWS End User Messaging" org.opencontainers.image.licenses="MIT"
RUN python -m pip uninstall --yes --quiet pip setuptools wheel && groupadd --gid 10001 textback && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin textback
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/textback /srv/textback
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=config.settings LOG_FORMAT=json PORT=8000 PULSE_FILE=/tmp/pulse
WORKDIR /srv/textback
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of web. Other processes are asked for their pulse: compose.yaml.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
CMD ["gunicorn", "--config", "python:config.processes.web", "config.wsgi"]
