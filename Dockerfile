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
ENV FOOTFALL_DATA_DIR=/data
# The server answers this host only until logins are there: run the container with --network host.
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD curl -fsS http://127.0.0.1:8080/healthz || exit 1
ENTRYPOINT ["footfall"]
CMD ["serve"]
