# One image for web, worker and beat. The build argument EXTRAS adds packages of requirements/local.txt by name, for the
# TikTok sandbox ("httptools uvloop") and the mail catcher ("aiosmtpd atpublic attrs"), which production does not have.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS packages
ARG EXTRAS=""
COPY requirements/ /requirements/
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements/base.txt
# A package's lines in a lock file start with its name and end where no line continues.
RUN for name in ${EXTRAS}; do \
        awk -v name="$name" 'index($0, name "==") == 1 { on = 1 } on { print } on && !/\\$/ { on = 0 }' /requirements/local.txt; \
    done > /requirements/extras.txt \
    && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /requirements/extras.txt

FROM python:${PYTHON}-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/app/static-collected
# Captions come in every script there is, and PDFs take what the system has. Any version will do.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin platform \
    && install -d -o platform -g platform /data /data/keys /data/mail /data/sandbox
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
RUN ENVIRONMENT=demo python manage.py collectstatic --no-input --verbosity 0
# By number, so that a host that checks for an unprivileged user need not know its name.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/compose/healthy.py"]
# No query string in the access log: an OAuth callback carries its code there.
# Idle connections are kept for longer than a load balancer keeps them, or it would ask on one that is just being closed.
CMD ["gunicorn", "agency.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--keep-alive", "75", "--preload", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", \
     "--access-logformat", "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"]
