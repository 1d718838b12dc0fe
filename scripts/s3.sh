#!/usr/bin/env bash
# A private server that speaks S3, for the tests: `start`, which prints a bucket
# of it, or `stop`. It is moto, from PyPI, and keeps everything in memory.
# Where PyPI is out of reach, `start` ends with 3.
set -euo pipefail
cd "$(dirname "$0")/.."

port="${CHATTER_TEST_S3_PORT:-54330}"
place="http://127.0.0.1:$port/chatter-test"
target="${CARGO_TARGET_DIR:-target}"
pid="$target/s3.pid"

stop() {
    if [ -f "$pid" ]; then
        kill "$(cat "$pid")" 2>/dev/null || true
        rm -f "$pid"
    fi
}

case "${1:-}" in
start)
    home="$(scripts/venv.sh s3)"
    stop
    setsid "$home/bin/moto_server" -H 127.0.0.1 -p "$port" </dev/null >"$target/s3.log" 2>&1 &
    echo $! >"$pid"
    # The bucket is made as soon as anyone answers.
    "$home/bin/python" - "$place" <<'PYTHON' || { tail -n 20 "$target/s3.log" >&2; stop; exit 1; }
import sys
import boto3
from botocore.config import Config

endpoint, bucket = sys.argv[1].rsplit("/", 1)
patient = Config(retries={"max_attempts": 12, "mode": "standard"})
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=patient,
                      aws_access_key_id="test", aws_secret_access_key="test")
client.create_bucket(Bucket=bucket)
PYTHON
    echo "$place"
    ;;
stop)
    stop
    ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
