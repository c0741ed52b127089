# The production image: web server, worker and scheduler are the same image with another word (see bin/container).

FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PATH=/opt/venv/bin:$PATH

FROM base AS packages
COPY requirements.txt /build/
RUN python -m venv /opt/venv && pip install -r /build/requirements.txt

# Front-end files: npm stays behind in this stage.
FROM packages AS assets
COPY requirements-assets.txt /build/
RUN pip install --no-deps --target /build/node -r /build/requirements-assets.txt
COPY . /srv/povertyapp
WORKDIR /srv/povertyapp
ENV POVERTYAPP_VAR=/build/var POVERTYAPP_VENDOR=/opt/vendor POVERTYAPP_STATIC=/opt/static
RUN PYTHONPATH=/build/node python manage.py fetch_assets && python manage.py collectstatic --noinput

# Two files out of a large package. Without them bulletins use the next face of the chain.
FROM base AS fangsong
WORKDIR /build
RUN mkdir -p /opt/fonts && apt-get update && apt-get download texlive-lang-chinese \
    && dpkg-deb -x texlive-lang-chinese_*.deb tex \
    && cp tex/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol[FK]*-Regular.otf /opt/fonts/ \
    || echo "Fandol was not available; bulletins use AR PL UMing CN and LXGW WenKai"

FROM base
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
        libharfbuzz-subset0 fontconfig fonts-noto-cjk fonts-arphic-uming fonts-lxgw-wenkai fonts-babelstone-han \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/povertyapp --create-home povertyapp
COPY --from=packages /opt/venv /opt/venv
COPY --from=assets /opt/vendor /opt/vendor
COPY --from=assets /opt/static /opt/static
COPY --from=fangsong /opt/fonts /usr/local/share/fonts/povertyapp
RUN fc-cache --force
COPY . /srv/povertyapp
WORKDIR /srv/povertyapp
ENV POVERTYAPP_VAR=/var/lib/povertyapp POVERTYAPP_VENDOR=/opt/vendor POVERTYAPP_STATIC=/opt/static XDG_CACHE_HOME=/tmp
USER povertyapp
VOLUME /var/lib/povertyapp
EXPOSE 8000
ENTRYPOINT ["bin/container"]
CMD ["web"]
