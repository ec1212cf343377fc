#!/bin/sh
# Makes the secrets of compose.yaml, once: what is there stays. `docker compose` mounts them as files.
set -eu
umask 077
place=$(dirname "$0")/secrets
mkdir -p "$place"
make_one() {
    [ -s "$place/$1" ] || printf '%s' "$2" >"$place/$1"
    # The directory keeps others out; in a container the file is read by a user of another number.
    chmod 644 "$place/$1"
}
random() { head -c 96 /dev/urandom | base64 | tr -d '+/=\n' | cut -c "1-$1"; }
make_one secret_key "$(random 64)"
make_one metrics_token "$(random 40)"
make_one database_password "$(random 40)"
make_one database_url "postgres://textback:$(cat "$place/database_password")@db:5432/textback"
echo "Secrets are in $place"
