# Footfall on Debian 13. Every RUN step is a script of this repository, so that it can be tried without a container
# engine in a root made by debootstrap: see docs/operations.md.
FROM golang:1.26-trixie AS build
WORKDIR /src
COPY deploy/setup.sh deploy/
COPY go.mod go.sum ./
RUN deploy/setup.sh build && go mod download
COPY . .
ARG VERSION=dev
RUN make binary VERSION="$VERSION" && deploy/runtime-packages.sh bin/footfall > bin/packages

FROM debian:trixie-slim
COPY deploy/setup.sh deploy/user.sh /opt/footfall/deploy/
COPY --from=build /src/bin/packages /opt/footfall/
RUN /opt/footfall/deploy/setup.sh run $(cat /opt/footfall/packages) && /opt/footfall/deploy/user.sh
COPY --from=build /src/bin/footfall /usr/local/bin/
COPY LICENSE /usr/share/doc/footfall/
USER footfall
WORKDIR /data
VOLUME /data
# Other machines reach it, so it encrypts: with a certificate of its own until it is given one. It answers to localhost and
# to the names in FOOTFALL_SERVER_ALLOWED_HOSTS; see deploy/compose.yaml.
ENV FOOTFALL_DATA_DIR=/data FOOTFALL_SERVER_LISTEN=0.0.0.0:8080
EXPOSE 8080 8189/udp 8189/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD curl -fsSk https://127.0.0.1:8080/healthz || curl -fsS http://127.0.0.1:8080/healthz || exit 1
ENTRYPOINT ["footfall"]
CMD ["serve"]
