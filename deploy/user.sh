#!/usr/bin/env bash
# user.sh: the user that the service runs as, and the folder it keeps its data in.
set -euo pipefail
id footfall >/dev/null 2>&1 || useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin footfall
install -d -o footfall -g footfall -m 0700 /data
