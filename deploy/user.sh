#!/usr/bin/env bash
# user.sh: the user that the service runs as, and the folder it keeps its data in.
set -euo pipefail
id footfall >/dev/null 2>&1 || useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin footfall
install -d -o footfall -g footfall -m 0700 /data
